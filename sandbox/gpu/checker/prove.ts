import { LOADER_AT } from '../../isolated/runner.ts'
import { type GpuDeviceParts, type GpuJail, runLoader } from '../device.ts'
import type { Checker } from './find.ts'
import { parseChecker } from './report.ts'
import { checkerArguments, FOUND_EXIT } from './runner.ts'

/** An overrun of ours under compute-sanitizer, in a jail that shows this: null where it is found, else what happened. */
export async function proveChecker(
  parts: Pick<GpuDeviceParts, 'jail' | 'loader' | 'libraries'>,
  shown: GpuJail,
  checker: Checker,
  options: { signal: AbortSignal },
): Promise<string | null> {
  const shows: GpuJail = { ...shown, mounts: [...shown.mounts, ...checker.mounts], filter: 'gpu-checked' }
  const argv = [...checkerArguments(checker, 'memcheck'), LOADER_AT, 'overrun'] as [string, ...string[]]
  const { exitCode, stdout, stderr } = await runLoader(parts, argv, shows, options)
  if (exitCode === FOUND_EXIT && parseChecker(stdout)?.flag === 'undefined-behaviour') return null
  return `code ${exitCode}: ${`${stdout} ${stderr}`.trim().split('\n').slice(-2).join('; ').slice(0, 200)}`
}
