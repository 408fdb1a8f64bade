import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { anytime } from './anytime.ts'
import { CACHE_HOME } from './cache.ts'
import { Spoken } from './spoken.ts'

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

/** A command that goes on, and is gone when the test ends. */
export class Daemon extends Spoken {
  /** @param program what is run instead of the command */
  constructor(t: TestContext, home: string, args: string[], program = BIN) {
    super(start(t, home, args, {}, program))
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
