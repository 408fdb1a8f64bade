import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const QUESTION = 'compute_mode,persistence_mode,ecc.mode.current,power.limit,clocks.max.sm,mig.mode.current'
const PLACES = '/usr/bin:/bin:/usr/local/bin:/usr/local/nvidia/bin:/usr/lib/wsl/lib'
const ANSWER_MS = 10_000

/** What of a GPU its owner sets, as the driver's own tool tells it. */
export async function gpuSettings(): Promise<string> {
  const options = { env: { PATH: PLACES, LC_ALL: 'C' }, timeout: ANSWER_MS }
  return await promisify(execFile)('nvidia-smi', [`--query-gpu=${QUESTION}`, '--format=csv,noheader'], options).then(
    ({ stdout }) => stdout.trim(),
    () => 'nvidia-smi does not tell',
  )
}
