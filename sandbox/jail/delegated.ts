import { execFile } from 'node:child_process'
import { basename } from 'node:path'
import { promisify } from 'node:util'

/** systemd answers in milliseconds, or does not. */
const ANSWER_MS = 5_000

/**
 * Whether a cgroup is left to whoever is in it. One of a unit of systemd's is where the unit says so; in another, though
 * its files may be ours to write (a terminal's scope), systemd may take controllers away at any time, and with them the limits of runs.
 * A cgroup that is no unit's, as in a container, belongs to those in it.
 */
export async function isDelegated(folder: string): Promise<boolean> {
  const unit = basename(folder)
  if (!/\.(scope|service|slice)$/.test(unit)) return true
  // Below `user@1000.service` the user's own systemd decides.
  const manager = /\/user@\d+\.service\//.test(folder) ? ['--user'] : []
  const args = [...manager, 'show', '--property=Delegate', '--value', unit]
  const { stdout } = await promisify(execFile)('systemctl', args, { timeout: ANSWER_MS }).catch(() => ({ stdout: '' }))
  return stdout.trim() === 'yes'
}
