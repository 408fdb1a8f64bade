import { spawn } from 'node:child_process'

/** The user that owns nothing. */
export const NOBODY = 65_534

/**
 * Runs a script in a process of that user, who has no cgroups, and returns how it ended and all it said; null where he may
 * not even read the script.
 */
export async function asNobody(
  script: string,
  { args = [], env = {} }: { args?: string[]; env?: Record<string, string> },
): Promise<{ code: number | null; said: string } | null> {
  const words = ['-c', 'test -x "$0" && test -r "$1" || exit 126; exec "$0" "$@"', process.execPath, script, ...args]
  const child = spawn('/bin/sh', words, {
    uid: NOBODY,
    gid: NOBODY,
    cwd: '/',
    env: { ...env, PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (said += piece))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return code === 126 ? null : { code, said }
}
