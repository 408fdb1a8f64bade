import { randomUUID } from 'node:crypto'
import type { Program } from '../../protocol/index.ts'
import type { Jail } from '../jail/jail.ts'
import type { SourceComposer } from '../toolchain/composer.ts'
import type { Equipment } from '../toolchain/equipment.ts'
import { findNvcc } from '../toolchain/nvcc/find.ts'
import { nvccMounts } from '../toolchain/nvcc/mounts.ts'
import type { Toolchain } from '../toolchain/toolchain.ts'
import { SandboxFault } from '../types.ts'
import type { CompileCache } from './compile-cache.ts'
import { CompileBudget } from './compiler.ts'
import { heavyNames } from './heavy-names.ts'
import { complaints, type Decision, NvccOracle } from './nvcc-oracle.ts'
import { CUDA_TWICE } from './self-test-programs.ts'

/** Who decides whether programs of the CUDA side compile, as people read it. */
export interface CompileStatusSource {
  /** nvcc's version where it decides; null where g++ does. */
  nvcc: string | null
  /** Where nvcc is, or why it does not decide. */
  says: string
  /** What one decision takes that nobody has asked for before, milliseconds; null where g++ decides. */
  trialMs(): Promise<number | null>
}

export interface OpenOracle {
  oracle: NvccOracle | null
  source: CompileStatusSource
}

export interface OracleParts {
  jail: Jail
  cache: CompileCache
  toolchain: Toolchain
  equipment: Equipment
  composer: SourceComposer
  compileWallMs: number
}

/**
 * Finds nvcc and has it compile the smallest program as a whole, in the jail: one that is too new or too old for the g++
 * here, or broken, does not decide. What it said is kept like every decision, so this costs a second once.
 */
export async function openOracle(parts: OracleParts, use: 'where-possible' | 'never'): Promise<OpenOracle> {
  const { jail, cache, equipment, toolchain, composer } = parts
  const { nvccUnit } = composer
  if (use === 'never' || nvccUnit === null) return without('left out, as asked')
  const nvcc = await findNvcc()
  if (nvcc === null) return without('no nvcc in its usual places')
  const mounts = await nvccMounts(nvcc.root, toolchain.mounts)
  const heavy = await heavyNames({ jail, cache, equipment, nvcc, mounts, compiler: toolchain.compiler })
  const oracle = new NvccOracle({
    ...{ nvcc, jail, cache, equipment, mounts, compiler: toolchain.compiler },
    ...{ unitOf: nvccUnit, wallMs: parts.compileWallMs, heavy },
  })
  const name = `nvcc ${nvcc.version} in ${nvcc.root}`
  const refusal = await tryOn(oracle)
  if (refusal !== null) return without(`${name} does not work with ${toolchain.compilerVersion}: ${refusal}`)
  return { oracle, source: { nvcc: nvcc.version, says: name, trialMs: async () => await trial(oracle) } }
}

function without(says: string): OpenOracle {
  return { oracle: null, source: { nvcc: null, says, trialMs: async () => null } }
}

/** Why it does not decide here, or null. */
async function tryOn(oracle: NvccOracle): Promise<string | null> {
  try {
    return refusalOf(await oracle.settle(CUDA_TWICE, [0], new CompileBudget(), never()))
  } catch (error) {
    if (error instanceof SandboxFault && error.code === 'toolchain') return error.message
    throw error
  }
}

function refusalOf(decision: Decision): string | null {
  if (decision.kind === 'accepted') return null
  return decision.kind === 'refused' ? complaints(decision.diagnostics).replaceAll('\n', '; ') : decision.detail
}

async function trial(oracle: NvccOracle): Promise<number> {
  const budget = new CompileBudget()
  const unseen: Program = { ...CUDA_TWICE, code: `// ${randomUUID()}\n${CUDA_TWICE.code}` }
  await oracle.decide(unseen, [0], budget, never())
  return Math.round(budget.usedMs)
}

function never(): AbortSignal {
  return new AbortController().signal
}
