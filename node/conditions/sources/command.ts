import { spawn } from 'node:child_process'

/** Most that is read of a command's answer: a table of a few lines each. */
const MAX_ANSWER_BYTES = 256 * 1024

export interface CommandEnd {
  /** Null where a signal ended it. */
  status: number | null
  stdout: string
}

/**
 * Runs a command to its end, with nothing to read. By the signal it is ended with all that it has started in its group.
 * @throws where it cannot be started, or the signal's reason
 */
export async function runCommand(
  file: string,
  args: readonly string[],
  { signal, env = { PATH: '/usr/bin:/bin', LC_ALL: 'C' } }: { signal: AbortSignal; env?: NodeJS.ProcessEnv },
): Promise<CommandEnd> {
  signal.throwIfAborted()
  const child = spawn(file, args, { cwd: '/', env, detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  const { promise, resolve, reject } = Promise.withResolvers<CommandEnd>()
  const pieces: Buffer[] = []
  let bytes = 0
  child.stdout.on('data', (piece: Buffer) => {
    if (bytes < MAX_ANSWER_BYTES) pieces.push(piece)
    bytes += piece.length
  })
  const onAbort = () => {
    endGroup(child.pid)
    // What has left the group may keep the pipe open.
    child.stdout.destroy()
    reject(signal.reason)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  child.once('error', reject)
  child.once('close', (status) => resolve({ status, stdout: Buffer.concat(pieces).toString('utf8') }))
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Runs a command that answers. @throws where it does not end well */
export async function askCommand(file: string, args: readonly string[], options: { signal: AbortSignal }): Promise<string> {
  const { status, stdout } = await runCommand(file, args, options)
  if (status !== 0) throw new Error(`${file} fails`)
  return stdout
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Gone in the meantime.
  }
}
