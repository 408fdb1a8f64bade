import { createHmac } from 'node:crypto'
import type { Program } from '../../../protocol/index.ts'
import { isolatedUnit } from '../../isolated/unit.ts'
import { type HeavyNames, whyAllHeaders } from '../../source/lean.ts'
import type { Composition } from '../../source/settings.ts'
import { INCLUDE_AT } from '../../toolchain/compile-step.ts'
import type { UnitKind } from './product.ts'

/** The CUDA side of a program, as it is or as its host's half. */
export interface UnitTexts {
  code: string
  wrapper: string
  /** Those of the unit's numbers. */
  tests: readonly string[]
}

export interface UnitOrder {
  program: Program
  indices: readonly number[]
  kind: UnitKind
  /** The header the unit begins with. */
  prelude: string
  /** A key that no jail shows; see `unitArguments`. */
  secret: Uint8Array
}

/** The headers before a unit in nvcc's hands, by how much of the library the program needs. */
export function preludeOf(program: Program, indices: readonly number[], kind: UnitKind, heavy: HeavyNames | null): Prelude {
  if (kind === 'plain') return 'plain'
  const texts = [program.code, program.wrapper, ...indices.map((index) => program.tests[index] ?? '')]
  return heavy !== null && whyAllHeaders(texts, heavy) === null ? 'lean' : 'all'
}
export type Prelude = 'lean' | 'all' | 'plain'

/** Where it stands in the jail. Not by -I: our folder also holds the emulator's headers, by the names of CUDA's. */
export function headerOf(prelude: Prelude): string {
  return `${INCLUDE_AT}/gpu/${prelude}.h`
}

/** A program's texts untouched. */
export function textsOf({ code, wrapper, tests }: Program, indices: readonly number[]): UnitTexts {
  return { code, wrapper, tests: indices.map((index) => tests[index] ?? '') }
}

/** One translation unit with `__ks_entry`, or why there is none. */
export function gpuUnit(order: UnitOrder, texts: UnitTexts): Composition {
  const { program, indices, kind, prelude } = order
  const secrets = `#define __ks_secret(name) ks_${tokenOf(order)}_##name`
  if (kind === 'plain') return { kind: 'unit', text: plainUnit(texts, indices, prelude, secrets) }
  const unit = isolatedUnit(program, { ...texts, prelude, archLine: secrets, knownKernels: '', indices })
  return unit.kind === 'unit' ? { kind: 'unit', text: unit.text + MAIN } : unit
}

/** The reference has one after the program, which may bring none. */
const MAIN = 'int main() { return 0; }\n'

/** Names the program cannot know, another for each program and machine. */
function tokenOf({ secret, program, indices, kind }: UnitOrder): string {
  return createHmac('sha256', secret)
    .update(JSON.stringify([kind, program, indices]))
    .digest('hex')
    .slice(0, 32)
}

const TABLE = '__ks_secret(table)'
const testName = (index: number) => `__ks_secret(test_${index})`

function plainUnit({ code, wrapper, tests }: UnitTexts, indices: readonly number[], prelude: string, secrets: string): string {
  const cases = indices.map((index) => `case ${index}: return ${testName(index)}; `).join('')
  return [
    `#include "${prelude}"`,
    secrets,
    `static const ::__ks::Table *${TABLE} = nullptr;`,
    section('code', code),
    section('wrapper', wrapper),
    ...indices.map((index, at) => testFunction(index, tests[at] ?? '')),
    '#line 1 "main"',
    'extern "C" __attribute__((visibility("default")))',
    `::__ks::TestFunction __ks_entry(const ::__ks::Table *table, int index) { ${TABLE} = table; switch (index) { ${cases}} return nullptr; }`,
    MAIN,
  ].join('\n')
}

function testFunction(index: number, test: string): string {
  const body = section(`test ${index + 1}`, test)
  return `#line 1 "harness"\nstatic int ${testName(index)}() { {\n${body}#line 2 "harness"\n} ${TABLE}->leave(); return 0; }`
}

function section(name: string, text: string): string {
  return `#line 1 "${name}"\n${text}\n\n`
}
