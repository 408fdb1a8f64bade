import { type ChildProcess, fork, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Spoken } from '../../support/spoken.ts'
import type { NodeSaid } from '../acknowledged.ts'
import type { VolunteerArguments } from './volunteer.ts'

const MAIN = fileURLToPath(new URL('../../../bin/main.ts', import.meta.url))
const POINTS = new URL('points.ts', import.meta.url).href
const VOLUNTEER = fileURLToPath(new URL('volunteer.ts', import.meta.url))

/** A process of the soak; what it says is kept in a file beside its data. */
export class Life extends Spoken {
  readonly bornAt = performance.now()

  constructor(child: ChildProcess, log: string) {
    const kept = createWriteStream(log, { flags: 'a' })
    super(child, (line) => kept.write(`${line}\n`), LINES_KEPT)
    void this.ended.then(() => kept.end())
  }

  /** The first line that matches, or null when it ends before. */
  async said(pattern: RegExp): Promise<RegExpExecArray | null> {
    return await this.line(pattern).catch(() => null)
  }
}

/** Of what a process says, lines kept in memory. */
const LINES_KEPT = 200

/** Whatever a command needs of the environment, and nothing else. */
function environment(home: string): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8' }
}

/** A real coordinator, on a folder and a port. @param point where it ends itself, as `points.ts` reads it */
export function coordinator(home: string, port: number, point: string | null): Life {
  const args = [
    '--data',
    join(home, 'coordinator'),
    '--listen',
    `/ip4/127.0.0.1/tcp/${port}`,
    '--http',
    'off',
    '--reserve',
    '0',
    '--prune-after',
    '0',
  ]
  const preload = point === null ? [] : ['--import', POINTS]
  const env = { ...environment(home), ...(point === null ? {} : { KERNELSWARM_KILL_POINT: point }) }
  const child = spawn(process.execPath, [...preload, MAIN, 'coordinator', ...args], { cwd: home, env, stdio: STDIO })
  return new Life(child, join(home, 'coordinator.txt'))
}

const STDIO = ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe']

/** Any other command. */
export function command(home: string, args: string[], log: string): Life {
  return new Life(spawn(process.execPath, [MAIN, ...args], { cwd: home, env: environment(home), stdio: STDIO }), join(home, log))
}

/** A node, started again whenever it is killed, until `stop`. */
export class Node {
  readonly #init: VolunteerArguments
  readonly #home: string
  readonly #hear: (said: NodeSaid) => void
  #life: Life
  #stopped = false

  constructor(home: string, init: VolunteerArguments, hear: (said: NodeSaid) => void) {
    this.#home = home
    this.#init = init
    this.#hear = hear
    this.#life = this.#start()
  }

  #start(): Life {
    const child = fork(VOLUNTEER, [JSON.stringify(this.#init)], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    child.on('message', (said: NodeSaid) => this.#hear(said))
    return new Life(child, join(this.#home, 'nodes.txt'))
  }

  /** Kills it and starts it again. */
  async kill(): Promise<void> {
    await this.#life.kill()
    if (!this.#stopped) this.#life = this.#start()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#life.kill()
  }
}

/** Sends a case file and fetches its results; typed again, as a person would, until it is done. */
export class Submit {
  readonly done: Promise<void>
  readonly #stopping = new AbortController()
  #life: Life | null = null
  kills = 0

  constructor(home: string, init: { address: string; file: string; out: string; options: string[] }) {
    this.done = this.#run(home, init)
  }

  async #run(home: string, { address, file, out, options }: { address: string; file: string; out: string; options: string[] }) {
    await mkdir(out, { recursive: true })
    const args = ['submit', file, '--coordinator', address, '--out', out, '--key', join(home, 'researcher.key'), '--json']
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const life = command(home, [...args, ...options], 'submits.txt')
      this.#life = life
      const code = await life.ended
      if (code === 0) return
      if (code === 2) throw new Error(`submit ${file} ended with 2: ${life.words}`)
      await sleep(TYPED_AGAIN_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  async kill(): Promise<void> {
    if (this.#life === null || this.#life.isOver) return
    this.kills++
    await this.#life.kill()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#life?.kill()
    await this.done.catch(() => undefined)
  }
}

/** How long it takes to type a command again. */
const TYPED_AGAIN_MS = 500
