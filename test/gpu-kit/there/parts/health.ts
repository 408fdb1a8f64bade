import { leftBehind, namedProcesses } from '../../../hostile/processes.ts'
import { openKitGpu } from '../kit-gpu.ts'
import { MARK } from '../more-programs.ts'
import { gpuSettings } from '../settings.ts'
import { failed, type Part, pass } from '../stand.ts'

/** After all of it: the GPU computes right, and nothing of what ran is left. */
export const health: Part = async (stand) => {
  await using gpu = await openKitGpu(stand)
  const wrong = await gpu.wrong(stand.signal)
  const left = [...(await namedProcesses(MARK)), ...(await leftBehind(process.pid))]
  stand.row({ name: 'the GPU computes right', outcome: wrong === null ? 'pass' : 'fail', detail: wrong ?? '' })
  stand.row({ name: 'no process is left', outcome: left.length === 0 ? 'pass' : 'fail', detail: left.join(' ') })
  stand.row({ name: 'settings of the GPU', outcome: 'pass', detail: await gpuSettings() })
  return wrong === null ? pass() : failed(wrong)
}
