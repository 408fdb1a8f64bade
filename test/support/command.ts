import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { anytime } from './anytime.ts'
import { CACHE_HOME } from './cache.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const BIN = `${ROOT}/bin/kernelswarm`

interface Options {
  cwd?: string
  /** What comes by standard input. */
  input?: Uint8Array
}

export interface Ran {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs the command as a person would, with a home of its own but for the cache, and waits for its end. */
export async function kernelswarm(t: TestContext, home: string, args: string[], options: Options = {}): Promise<Ran> {
  const child = start(t, home, args, options)
  child.stdin?.end(options.input)
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (text) => (stdout += text))
  child.stderr?.on('data', (text) => (stderr += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}

/** What is looked for in a line: a regular expression, or what answers like one. */
interface Pattern<T> {
  exec(line: string): T | null
}

/** A command that goes on: its lines can be waited for, and it is gone when the test ends. */
export class Daemon {
  readonly child: ChildProcess
  readonly lines: string[] = []
  readonly #waiting = new Set<(line: string) => void>()
  readonly ended: Promise<number | null>

  /** @param program what is run instead of the command */
  constructor(t: TestContext, home: string, args: string[], program = BIN) {
    this.child = start(t, home, args, {}, program)
    this.ended = once(this.child, 'close').then(([code]) => code as number | null)
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#hear(line))
    }
  }

  /** The first line, past or to come, that matches. @throws when the process ends before */
  async line<T>(pattern: Pattern<T>): Promise<T> {
    for (const line of this.lines) {
      const match = pattern.exec(line)
      if (match !== null) return match
    }
    const { promise, resolve } = Promise.withResolvers<T>()
    const look = (line: string) => {
      const match = pattern.exec(line)
      if (match !== null) resolve(match)
    }
    this.#waiting.add(look)
    const ended = this.ended.then((code) => {
      throw new Error(`ended with ${code} before a line like ${pattern}:\n${this.lines.join('\n')}`)
    })
    return await Promise.race([promise, ended]).finally(() => this.#waiting.delete(look))
  }

  #hear(line: string): void {
    this.lines.push(line)
    for (const look of this.#waiting) look(line)
  }
}

function start(t: TestContext, home: string, args: string[], options: Options = {}, program = BIN): ChildProcess {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    XDG_CACHE_HOME: CACHE_HOME,
    LANG: 'C.UTF-8',
  }
  const cwd = options.cwd ?? home
  const data = args.indexOf('--data')
  if (args[args.indexOf('start') - 1] === 'node' && data > 0) anytime(resolve(cwd, args[data + 1] ?? ''))
  const child = spawn(program, args, {
    cwd,
    env,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  t.after(() => child.kill('SIGKILL'))
  return child
}
