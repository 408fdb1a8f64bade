import { cudaVersion } from '../../../../sandbox/gpu/probe.ts'
import { probeBare } from '../bare.ts'
import { climbHere, findMeans } from '../means.ts'
import { failed, leftOut, type Part, pass } from '../stand.ts'

/** Which GPU all that follows runs on, and the least that a jail must show for it: each row that was tried. */
export const gpu: Part = async ({ places, figures, row, signal }) => {
  const means = await findMeans(places)
  if ('why' in means) return leftOut(means.why)
  const { chosen, arch, whose } = means
  figures({ model: chosen.gpu.name, driver: chosen.gpu.driver, 'machine code': arch, libraries: whose })
  const startedAt = performance.now()
  const climbed = await climbHere(means, signal)
  for (const { rung, why } of climbed.tried) row({ name: `row ${rung}`, outcome: 'left out', detail: why })
  if (climbed.kind === 'none') {
    figures({ 'system calls that were refused': climbed.refused.join(' ') || 'none' })
    // Tells a GPU that does not compute from a jail that keeps it from it.
    const bare = await probeBare(means, places, signal)
    row({ name: 'without a jail', outcome: 'left out', detail: bare ?? 'a kernel computes right' })
    return failed(
      bare === null
        ? 'a kernel computes right without a jail and in none that could be made: nothing of others is run here'
        : `no kernel computes right, with a jail or without: ${bare}`,
    )
  }
  const { rung, device } = climbed
  row({ name: `row ${rung.name}`, outcome: 'pass', detail: `a kernel computes right: ${rung.reason}` })
  figures({
    model: device.name,
    'compute capability': device.computeCapability,
    'memory, GiB': device.memoryBytes / 1024 ** 3,
    'newest CUDA the driver can': cudaVersion(device.driverCuda),
    'CUDA of the runtime in the kit': cudaVersion(device.runtimeCuda),
    'bytes of former runs in free memory': device.leftBytes,
    'finding the row, s': (performance.now() - startedAt) / 1000,
  })
  return pass()
}
