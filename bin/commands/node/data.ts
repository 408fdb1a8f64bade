import { Option } from 'commander'
import { defaultData } from '../../options.ts'

/** Which node is meant. */
export function dataOption(): Option {
  return new Option('--data <DIR>', "the node's folder: its key, preferences, what ran; one per node").default(
    defaultData('node'),
  )
}
