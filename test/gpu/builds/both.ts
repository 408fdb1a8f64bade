import type { Program } from '../../../protocol/index.ts'
import { CompileBudget } from '../../../sandbox/executor/compiler.ts'
import { findElf, readElf } from '../../../sandbox/gpu/build/fast/elf.ts'
import type { GpuProduct, Way } from '../../../sandbox/gpu/build/index.ts'
import type { Stage } from './stage.ts'

/** The machine code the builds are made for; any that the installed nvcc knows. */
const ARCH = 'sm_90'

export type Compared =
  | { kind: 'equal'; tests: number }
  /** Not built by the fast way; then there is nothing to compare. */
  | { kind: 'own'; reason: string }
  | { kind: 'refused'; detail: string }
  | { kind: 'differs'; what: string }

/** Builds a program both ways; each test must leave the same record, each kernel be the same machine code. */
export async function compareWays(stage: Stage, program: Program): Promise<Compared> {
  const fast = await build(stage, program, ['fast', 'own'])
  if (fast.kind === 'product' && fast.way === 'own') return { kind: 'own', reason: fast.fallback ?? '' }
  const own = await build(stage, program, ['own'])
  if (fast.kind === 'none' || own.kind === 'none') return bothRefused(fast, own)
  const code = differentCode(fast.bytes, own.bytes)
  if (code !== null) return { kind: 'differs', what: code }
  for (const index of program.tests.keys()) {
    const [one, other] = [await stage.play(fast.bytes, index), await stage.play(own.bytes, index)]
    for (const what of ['end', 'printed', 'calls', 'report'] as const) {
      if (one[what] !== other[what])
        return { kind: 'differs', what: `test ${index + 1}, ${what}: ${firstDifference(one[what], other[what])}` }
    }
  }
  return { kind: 'equal', tests: program.tests.length }
}

export async function build(stage: Stage, program: Program, ways: readonly Way[]): Promise<GpuProduct> {
  const indices = [...program.tests.keys()]
  const options = { arch: ARCH, ways, unit: 'isolated' as const }
  return await stage.builder.build(program, indices, options, new CompileBudget(), new AbortController().signal)
}

function bothRefused(fast: GpuProduct, own: GpuProduct): Compared {
  if (fast.kind === 'none' && own.kind === 'none' && fast.status === own.status) return { kind: 'refused', detail: own.detail }
  return {
    kind: 'differs',
    what: `one way builds it, the other does not: ${JSON.stringify([fast, own].map(({ kind }) => kind))}`,
  }
}

/** Sections of machine code and of what variables hold at first, by name. */
const OF_CODE = /^\.(?:text\.|nv\.constant|nv\.global|nv\.info\.|nv\.shared\.)/

function differentCode(fast: Uint8Array, own: Uint8Array): string | null {
  const [one, other] = [codeOf(fast), codeOf(own)]
  if (one.size === 0) return 'no machine code was found'
  const names = new Set([...one.keys(), ...other.keys()])
  return [...names].find((name) => one.get(name) !== other.get(name)) ?? null
}

/** The device's sections in a shared object of the host's. */
function codeOf(unit: Uint8Array): Map<string, string> {
  const bytes = Buffer.from(unit)
  const inside = bytes.subarray(1)
  const device = inside.subarray(findElf(inside))
  const sections = readElf(device)?.sections ?? []
  return new Map(
    sections.flatMap(({ name, offset, bytes: size }) =>
      OF_CODE.test(name) ? [[name, device.subarray(offset, offset + size).toString('hex')]] : [],
    ),
  )
}

function firstDifference(one: string, other: string): string {
  const [a, b] = [one.split('\n'), other.split('\n')]
  const at = a.findIndex((line, index) => line !== b[index])
  return `${JSON.stringify(a[at])} and ${JSON.stringify(b[at])}`.slice(0, 400)
}
