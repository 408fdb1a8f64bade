import { z } from 'zod'
import { COMPILE_WALL_MS, type Program } from '../../protocol/index.ts'
import type { Jail } from '../jail/jail.ts'
import { DIAGNOSTIC_BYTES } from '../jail/limits.ts'
import type { Mount } from '../jail/policy.ts'
import type { HeavyNames } from '../source/lean.ts'
import type { NvccUnit } from '../source/nvcc-unit.ts'
import { INCLUDE_AT } from '../toolchain/compile-step.ts'
import type { Equipment } from '../toolchain/equipment.ts'
import { hashOf } from '../toolchain/folders.ts'
import type { Nvcc } from '../toolchain/nvcc/find.ts'
import { type Depth, NVCC_FLAGS, nvccStep } from '../toolchain/nvcc/step.ts'
import { SandboxFault } from '../types.ts'
import type { CompileCache } from './compile-cache.ts'
import type { CompileBudget } from './compiler.ts'
import { type CompileOutcome, compileOutcome } from './outcome.ts'
import { Underway } from './underway.ts'

/** What nvcc says of a text. A limit that it reached is a limit of ours, and no decision. */
export type Decision =
  /** `doubtful`: it warned of what g++, in the host's part, may refuse. */
  { kind: 'accepted'; doubtful: boolean } | { kind: 'refused'; diagnostics: string } | Extract<CompileOutcome, { kind: 'limit' }>

export interface OracleComponents {
  nvcc: Nvcc
  jail: Jail
  cache: CompileCache
  equipment: Equipment
  /** The toolkit, and what g++ needs. */
  mounts: readonly Mount[]
  /** The compiler that nvcc takes for the host's part. */
  compiler: string
  /** The text nvcc reads for these tests of a program. */
  unitOf(program: Program, indices: readonly number[], includeAt: string, heavy: HeavyNames | null): NvccUnit
  /** What a program must not say to be read after few headers; null where all read all. */
  heavy: HeavyNames | null
  /** Wall time of one call. @default COMPILE_WALL_MS */
  wallMs?: number
}

/** What is kept of a decision. Both kinds follow from the text alone, so both may be kept. */
const Kept = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('accepted'), doubtful: z.boolean() }),
  z.strictObject({ kind: z.literal('refused'), diagnostics: z.string() }),
])

/** A shell's codes for a program that is not there or cannot be loaded: the machine's fault, and nothing to remember. */
const NOT_STARTED: ReadonlySet<number> = new Set([126, 127])

/** Narrowing in braces is a warning to nvcc, and an error to g++ after it. */
const DOUBTFUL = /warning.*(narrowing|truncat|conversion|out of range|too large|overflow)/i

/**
 * Asks nvcc whether a program compiles, as far as that must be asked. The calls, cheapest first:
 *
 * Each after few headers first, where the program says nothing that needs all of them (source/lean.ts).
 *
 * 1. `device`; or `translated`, where the program shows a sign of what only that would refuse.
 * 2. `whole`, where nvcc warned of what g++ may refuse, or (`settle`) our own build of an accepted program failed.
 */
export class NvccOracle {
  readonly #parts: OracleComponents
  readonly #underway = new Underway<Decision>()
  constructor(components: OracleComponents) {
    this.#parts = components
  }

  get version(): string {
    return this.#parts.nvcc.version
  }

  /** Whether the tests of these numbers, with their program, compile. */
  async decide(program: Program, indices: readonly number[], budget: CompileBudget, signal: AbortSignal): Promise<Decision> {
    const unit = this.#unit(program, indices)
    const decision = await this.#askOf(unit, unit.hostPass ? 'translated' : 'device', budget, signal)
    return decision.kind === 'accepted' && decision.doubtful ? await this.#askOf(unit, 'whole', budget, signal) : decision
  }

  /** The same by a whole compile. */
  async settle(program: Program, indices: readonly number[], budget: CompileBudget, signal: AbortSignal): Promise<Decision> {
    return await this.#askOf(this.#unit(program, indices), 'whole', budget, signal)
  }

  #unit(program: Program, indices: readonly number[]): NvccUnit {
    return this.#parts.unitOf(program, indices, INCLUDE_AT, this.#parts.heavy)
  }

  /** After few headers where that is enough to accept it: a refusal, and its words, are only believed after all. */
  async #askOf({ text, lean }: NvccUnit, depth: Depth, budget: CompileBudget, signal: AbortSignal): Promise<Decision> {
    const early = lean === null ? null : await this.#ask(lean, depth, budget, signal)
    return early === null || early.kind === 'refused' ? await this.#ask(text, depth, budget, signal) : early
  }

  async #ask(text: string, depth: Depth, budget: CompileBudget, signal: AbortSignal): Promise<Decision> {
    const { nvcc, equipment } = this.#parts
    const key = hashOf('nvcc', nvcc.id, equipment.id, JSON.stringify(NVCC_FLAGS), depth, text)
    const work = async () => (await this.#known(key)) ?? (await this.#call(key, text, depth, budget, signal))
    return await this.#underway.once(key, work, { signal, forAll: ({ kind }) => kind !== 'limit' })
  }

  async #known(key: string): Promise<Decision | null> {
    const bytes = await this.#parts.cache.get(key)
    return bytes === null ? null : Kept.parse(JSON.parse(bytes.toString('utf8')))
  }

  async #call(key: string, text: string, depth: Depth, budget: CompileBudget, signal: AbortSignal): Promise<Decision> {
    const { jail, cache, nvcc, mounts, compiler, equipment, wallMs = COMPILE_WALL_MS } = this.#parts
    if (budget.nextMs === 0) return { kind: 'limit', status: 'timeout', detail: 'the compile time of this program is spent' }
    const order = { nvcc, mounts, compiler, include: equipment.include, text, depth }
    const result = await jail.run(nvccStep({ ...order, wallMs: Math.min(budget.nextMs, wallMs) }), { signal })
    budget.usedMs += result.wallMs
    if (result.exitCode !== null && NOT_STARTED.has(result.exitCode)) {
      throw new SandboxFault(
        'toolchain',
        `nvcc did not start in the jail: ${result.stderr.toString('utf8').trim().slice(0, 300)}`,
      )
    }
    const decision = decisionOf(compileOutcome(result), result.stderr)
    if (decision.kind !== 'limit') await cache.put(key, Buffer.from(JSON.stringify(decision)))
    return decision
  }
}

function decisionOf(outcome: CompileOutcome, stderr: Buffer): Decision {
  switch (outcome.kind) {
    case 'product':
      // More warnings than are kept may hold any.
      return { kind: 'accepted', doubtful: stderr.length >= DIAGNOSTIC_BYTES || DOUBTFUL.test(stderr.toString('utf8')) }
    case 'rejected':
      return { kind: 'refused', diagnostics: outcome.diagnostics }
    case 'limit':
      return outcome
    default:
      return outcome satisfies never
  }
}

/** Complaints quoted to people. */
const MOST_COMPLAINTS = 3
const LONGEST_COMPLAINT = 300
/** A line that says `error` or `fatal` after its place; nvcc's tools write `ptxas error   : text`. */
const COMPLAINT = /^(?!\s).*\b(?:error|fatal)\b *(?:[A-Z]?\d+)? *:.*$/gm

/** The first complaints, with the places in the program's own texts. */
export function complaints(diagnostics: string): string {
  const found = diagnostics.match(COMPLAINT) ?? [diagnostics.trim()]
  return found
    .slice(0, MOST_COMPLAINTS)
    .map((text) => text.slice(0, LONGEST_COMPLAINT))
    .join('\n')
}
