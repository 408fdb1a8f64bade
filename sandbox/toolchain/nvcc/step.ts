import type { JailStep } from '../../jail/jail.ts'
import type { Mount } from '../../jail/policy.ts'
import { compileStep } from '../compile-step.ts'
import type { Nvcc } from './find.ts'

/**
 * How much of a whole compile by nvcc is done, cheapest first. Each refuses all that those before it refuse.
 *
 * - `device`: the text as the GPU sees it, through to machine code. Nearly all that nvcc refuses, it refuses here.
 * - `translated`: also the text as the host sees it, which is where calls of the device's functions by the host show.
 * - `whole`: also what nvcc makes of the host's part, by g++, as `nvcc -c` does.
 */
export type Depth = 'device' | 'translated' | 'whole'

const STOP_AT: Readonly<Record<Depth, string>> = { device: '-cubin', translated: '-cuda', whole: '-c' }

/** As the reference calls it. The GPU is the one nvcc takes where none is named. No -w: it would hide refusals of g++'s. */
export const NVCC_FLAGS: readonly string[] = ['-std=c++17', '--expt-relaxed-constexpr']

/** nvcc tells by a file's name what is in it, so the text must have one. Only whether it compiles is asked. */
const SCRIPT = 'cat > /tmp/program.cu && exec "$@" -o /tmp/product /tmp/program.cu'

export interface NvccOrder {
  nvcc: Nvcc
  /** The toolkit, and what g++ needs. */
  mounts: readonly Mount[]
  /** The compiler for the host's part. */
  compiler: string
  /** Folder of our headers, as prepared. */
  include: string
  text: string
  depth: Depth
  wallMs: number
}

/** One call of nvcc as a step in a jail, with the limits and the filter of every compile. */
export function nvccStep({ nvcc, mounts, compiler, include, text, depth, wallMs }: NvccOrder): JailStep {
  const order = { compiler: nvcc.path, mounts, include, args: [], stdin: Buffer.from(text), maxProductBytes: NO_PRODUCT, wallMs }
  const call = [nvcc.path, STOP_AT[depth], ...NVCC_FLAGS, '-ccbin', compiler]
  return { ...compileStep(order), argv: ['/bin/sh', '-c', SCRIPT, 'sh', ...call] }
}

/** Nothing comes out by standard output but what nvcc may say there. */
const NO_PRODUCT = 64 * 1024
