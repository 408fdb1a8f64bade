import type { Program } from '../../../protocol/index.ts'
import { CompileBudget } from '../../../sandbox/executor/compiler.ts'
import { findElf, readElf } from '../../../sandbox/gpu/build/fast/elf.ts'
import type { GpuBuilder, GpuProduct, UnitKind, Way } from '../../../sandbox/gpu/build/index.ts'
import type { Played, Stage } from './stage.ts'

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
  const fast = await build(stage.builder, program, { ways: ['fast', 'own'] })
  if (fast.kind === 'product' && fast.way === 'own') return { kind: 'own', reason: fast.fallback ?? '' }
  return await compareProducts(stage, program, fast, await build(stage.builder, program))
}

/** The same for a program after few headers and after all. */
export async function compareHeaders(stage: Stage, program: Program): Promise<Compared> {
  return await compareProducts(stage, program, await build(stage.builder, program), await build(stage.heavyBuilder, program))
}

/** An isolated unit prints what `wrapper` prints, which stands in a plain one. */
export async function comparePrinting(stage: Stage, program: Program): Promise<Compared> {
  const [isolated, plain] = [await build(stage.builder, program), await build(stage.builder, program, { unit: 'plain' })]
  return await compareProducts(stage, program, isolated, plain, ['end', 'printed', 'calls'])
}

async function compareProducts(
  stage: Stage,
  program: Program,
  a: GpuProduct,
  b: GpuProduct,
  look: readonly (keyof Played)[] = ['end', 'printed', 'calls', 'report'],
): Promise<Compared> {
  if (a.kind === 'none' || b.kind === 'none') return bothRefused(a, b)
  const code = differentCode(a.bytes, b.bytes)
  if (code !== null) return { kind: 'differs', what: code }
  for (const index of program.tests.keys()) {
    const [one, other] = [await stage.play(a.bytes, index), await stage.play(b.bytes, index)]
    const what = look.find((each) => one[each] !== other[each])
    if (what === undefined) continue
    return { kind: 'differs', what: `test ${index + 1}, ${what}: ${firstDifference(one[what], other[what])}` }
  }
  return { kind: 'equal', tests: program.tests.length }
}

export async function build(
  builder: GpuBuilder,
  program: Program,
  options: { ways?: readonly Way[]; unit?: UnitKind } = {},
): Promise<GpuProduct> {
  const { ways = ['own'], unit = 'isolated' } = options
  const { signal } = new AbortController()
  return await builder.build(program, [...program.tests.keys()], { arch: ARCH, ways, unit }, new CompileBudget(), signal)
}

function bothRefused(a: GpuProduct, b: GpuProduct): Compared {
  if (a.kind === 'none' && b.kind === 'none' && a.status === b.status) return { kind: 'refused', detail: b.detail }
  return { kind: 'differs', what: `one is built, the other is not: ${JSON.stringify([a, b].map(({ kind }) => kind))}` }
}

/** Sections of machine code and of what variables hold at first, by name. */
const OF_CODE = /^\.(?:text\.|nv\.constant|nv\.global|nv\.info\.|nv\.shared\.)/

function differentCode(a: Uint8Array, b: Uint8Array): string | null {
  const [one, other] = [codeOf(a), codeOf(b)]
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
    sections.flatMap(({ name, offset, bytes: size, held }) =>
      OF_CODE.test(name) ? [[name, held ? device.subarray(offset, offset + size).toString('hex') : `${size} bytes`]] : [],
    ),
  )
}

function firstDifference(one: string, other: string): string {
  const [a, b] = [one.split('\n'), other.split('\n')]
  const at = a.findIndex((line, index) => line !== b[index])
  return `${JSON.stringify(a[at])} and ${JSON.stringify(b[at])}`.slice(0, 400)
}
