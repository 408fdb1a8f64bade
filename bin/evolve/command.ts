import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { access, open, stat } from 'node:fs/promises'
import { delimiter, dirname, resolve } from 'node:path'
import { KernelswarmError, makeFolder } from '../../protocol/index.ts'
import { endLeftovers, MARK_VARIABLE } from './leftovers.ts'
import { type CommandLine, HOUR_MS } from './plan.ts'

/** Of a log, what is said when a command fails. */
const TAIL_BYTES = 4096
const TAIL_LINES = 5

export interface CommandInit {
  run: CommandLine
  /** The plan's folder: relative names in a plan are as seen from it. */
  cwd: string
  env: NodeJS.ProcessEnv
  /** In the environment of its processes: what is left of them is ended by it. */
  mark: string
  /** Its output goes to the end of this file. Straight to the disk: it is kept whatever becomes of us. */
  log: string
  hours: number
  signal: AbortSignal
}

/**
 * Runs a command to its end; what it leaves running is ended with it.
 * @throws KernelswarmError `command` when it cannot be begun, fails, or takes too long; the reason of the signal when that aborts
 */
export async function runCommand(init: CommandInit): Promise<void> {
  const { log, hours, mark, signal } = init
  signal.throwIfAborted()
  const late = AbortSignal.timeout(hours * HOUR_MS)
  let ended: string | null
  try {
    ended = await ending(init, AbortSignal.any([signal, late]))
  } finally {
    await endLeftovers(mark)
  }
  signal.throwIfAborted()
  if (late.aborted) throw new KernelswarmError('command', `took longer than ${hours} hours and was ended; log: ${log}`)
  if (ended === null) return
  const tail = await lastLines(log)
  throw new KernelswarmError('command', `${ended}; log: ${log}${tail === '' ? '' : `\n${tail}`}`)
}

/** How it ended, or null where it ended well. Resolves, too, when the signal aborts and the command was asked to end. */
async function ending({ run, cwd, env, mark, log }: CommandInit, signal: AbortSignal): Promise<string | null> {
  await makeFolder(dirname(log))
  await using output = await open(log, 'a')
  await output.appendFile(`# ${new Date().toISOString()}  ${shown(run)}\n`)
  const [program = '', ...args] = argumentsOf(run)
  const child = spawn(program, args, {
    cwd,
    env: { ...env, [MARK_VARIABLE]: mark },
    stdio: ['ignore', output.fd, output.fd],
    // A Ctrl-C in the terminal is for us: the command is asked to end by what follows from it.
    detached: true,
  })
  const { promise: aborted, resolve: abort } = Promise.withResolvers<null>()
  const onAbort = () => abort(null)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) abort(null)
  const exited = once(child, 'exit').then(
    ([code, by]: (number | string | null)[]) =>
      code === 0 ? null : `ended with ${code === null ? `signal ${by}` : `exit code ${code}`}`,
    (error: Error) => `cannot be begun (${error.message})`,
  )
  try {
    return await Promise.race([exited, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** What is started: the arguments, or a shell that reads the text. */
export function argumentsOf(run: CommandLine): string[] {
  return typeof run === 'string' ? ['/bin/sh', '-c', run] : [...run]
}

/** A command as a person reads it. */
export function shown(run: CommandLine): string {
  if (typeof run === 'string') return run.trim()
  return run.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')
}

/** Whether the program of a command can be started from a folder. What a shell is told is not looked into. */
export async function isThere(run: CommandLine, cwd: string): Promise<boolean> {
  const [program = ''] = argumentsOf(run)
  const places = program.includes('/') ? [cwd] : (process.env.PATH ?? '').split(delimiter)
  for (const place of places) if (await isProgram(resolve(place, program))) return true
  return false
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

async function lastLines(file: string): Promise<string> {
  await using handle = await open(file)
  const { size } = await handle.stat()
  const from = Math.max(0, size - TAIL_BYTES)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from)
  const lines = buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n')
  return lines
    .filter((line) => !line.startsWith('# 20'))
    .slice(-TAIL_LINES)
    .map((line) => `  ${line}`)
    .join('\n')
}
