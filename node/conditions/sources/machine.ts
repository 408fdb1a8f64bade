import { join } from 'node:path'
import { findSmi } from '../../../sandbox/index.ts'
import { askCommand } from './command.ts'
import { DiskSource } from './disk.ts'
import { GpusSource } from './gpus.ts'
import { HookSource } from './hook.ts'
import { IdleSource } from './idle.ts'
import { NetworkSource } from './network.ts'
import { PowerSource } from './power.ts'
import { ProcessesSource } from './processes.ts'
import type { Source } from './source.ts'

export interface MachineSourcesInit {
  /** The data folder. */
  data: string
  /** Where compiled programs are kept. */
  cache: string
  /** Whether a program of ours is on a GPU now. */
  isGpuBusy: () => boolean
}

/** Everything that can be seen of this machine. What is not there says so when it is asked. */
export async function machineSources(init: MachineSourcesInit): Promise<{ sources: Source[]; network: NetworkSource }> {
  const smi = await findSmi()
  const ask = smi === null ? null : (args: readonly string[], options: { signal: AbortSignal }) => askCommand(smi, args, options)
  const network = new NetworkSource(join(init.data, 'network.json'))
  const sources = [
    new IdleSource(),
    new ProcessesSource(),
    new PowerSource(),
    new GpusSource({ ask, isBusy: init.isGpuBusy }),
    new DiskSource([init.data, init.cache]),
    new HookSource(),
    network,
  ]
  return { sources, network }
}
