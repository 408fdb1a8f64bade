import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { oneShot } from '../flow/one-shot.ts'
import { Shown } from '../flow/watch.ts'
import { makeLog } from '../log.ts'
import { gpuUse, nvccUse } from '../options.ts'
import type { Terms } from './terms.ts'
import type { Job, Verifier } from './verifier.ts'

/** A coordinator and nodes of its own on this machine, for one round, as `kernelswarm run` has them. */
export class LocalVerifier implements Verifier {
  readonly #terms: NonNullable<Terms['local']>

  constructor(terms: NonNullable<Terms['local']>) {
    this.#terms = terms
  }

  async verify({ file, spec, results, signal, audience }: Job, onDone: (round: string) => Promise<void>): Promise<void> {
    const { nodes, nvcc, gpu } = this.#terms
    using shown = new Shown(audience)
    await oneShot({
      ...{ file, spec, nodes, signal, onProgress: (progress) => shown.note(progress), out: results, http: null, quiet: true },
      ...{ nvcc: nvccUse({ nvcc }), gpu: gpuUse(gpu), log: makeLog('error') },
      whileUp: async ({ progress }) => await onDone(progress.round),
    })
  }

  /** The files were written while the swarm was up; what may be left is its state, where it was killed just after. */
  async export({ results }: Job): Promise<void> {
    await rm(join(results, '.kernelswarm'), { recursive: true, force: true })
  }
}
