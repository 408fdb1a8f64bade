import { execFile, spawn } from 'node:child_process'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openJail } from '../../sandbox/executor/open.ts'
import type { SourceComposer } from '../../sandbox/toolchain/composer.ts'
import { CACHE } from '../support/cache.ts'
import { type Ending, scratch } from '../support/scratch.ts'

/** The user that owns nothing. */
export const NOBODY = 65_534

/**
 * A cache home that this user owns. What is prepared once for a compiler is the same for every user, so it is copied there;
 * he compiles and keeps his programs himself. That he can prepare it, too, is shown by limits.test.ts.
 */
export async function cacheOfNobody(t: Ending, composer: SourceComposer): Promise<string> {
  const home = await scratch(t)
  const { equipment } = await openJail({ composer }, { cacheDir: CACHE })
  for (const prepared of ['headers', join('equipment', equipment.id)])
    await cp(join(CACHE, prepared), join(home, 'kernelswarm', prepared), { recursive: true })
  await promisify(execFile)('chown', ['-R', `${NOBODY}:${NOBODY}`, home])
  return home
}

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
