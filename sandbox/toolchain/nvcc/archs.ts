import { ask } from '../ask.ts'
import type { Nvcc } from './find.ts'

/** Kinds of GPUs that it makes machine code for, for example `sm_90`; empty where it is too old to say. */
export async function knownArchs({ path }: Pick<Nvcc, 'path'>): Promise<string[]> {
  const said = await ask(path, ['--list-gpu-code']).catch(() => '')
  return said.split(/\s+/).filter((word) => /^sm_\d+$/.test(word))
}
