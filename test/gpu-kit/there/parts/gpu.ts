import { findFacts } from '../../../../sandbox/doctor/facts.ts'
import { leftOut, type Part, pass } from '../stand.ts'

/** Which GPU all that follows runs on. */
export const gpu: Part = async ({ places, figures }) => {
  const { gpus } = await findFacts(places.work)
  const [first] = gpus.list
  if (first === undefined) {
    return leftOut(
      gpus.cardWithoutDriver ? 'there is an NVIDIA card, but no driver that answers' : 'no GPU of NVIDIA with its driver',
    )
  }
  figures({ model: first.name, driver: first.driver, 'memory, MiB': first.memoryMib })
  return pass()
}
