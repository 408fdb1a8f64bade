import { fileURLToPath } from 'node:url'
import type { Pass, Program } from '../../protocol/index.ts'
import { isolatedBuild } from '../isolated/build.ts'
import { isolatedUnit } from '../isolated/unit.ts'
import { translateCuda } from './cuda.ts'
import type { BuildSettings, Composition, CpuExecutor } from './settings.ts'
import { sharesFile } from './tests.ts'

export type { BuildSettings, Composition, CpuExecutor } from './settings.ts'

/** Folder of the harness, the emulator and the CUDA headers they stand in for; passed to the compiler with -I. */
export const INCLUDE_DIR = fileURLToPath(new URL('../harness', import.meta.url))

/** What some distributions switch on: random canaries and checks make a program print other things there than elsewhere. */
const ALIKE_EVERYWHERE = ['-fno-stack-protector', '-fno-stack-clash-protection', '-U_FORTIFY_SOURCE']

/**
 * host: as the reference, without -O; -w because nobody reads warnings and they cost time.
 *
 * emulated: what generated kernels do and a GPU compiler lets pass must not be broken by g++'s optimiser: signed overflow,
 * types looked at through other types, null pointers. -O1 halves the time of long kernels and costs short ones nothing.
 */
const PLAIN_FLAGS = {
  host: ['-std=c++17', '-w', ...ALIKE_EVERYWHERE],
  emulated: [
    '-std=c++17',
    '-w',
    ...ALIKE_EVERYWHERE,
    '-O1',
    '-fwrapv',
    '-fno-strict-aliasing',
    '-fno-delete-null-pointer-checks',
    '-fno-builtin-printf',
    '-ffp-contract=off',
    '-pthread',
  ],
} as const satisfies Record<CpuExecutor, readonly string[]>

/** How units are built, by executor and pass. */
export const BUILDS: Readonly<Record<CpuExecutor, Readonly<Partial<Record<Pass, BuildSettings>>>>> = {
  host: { plain: { prelude: 'host.h', flags: PLAIN_FLAGS.host }, isolated: isolatedBuild('host', PLAIN_FLAGS.host) },
  emulated: {
    plain: { prelude: 'emulated.h', flags: PLAIN_FLAGS.emulated },
    isolated: isolatedBuild('emulated', PLAIN_FLAGS.emulated),
  },
}

/**
 * Turns a program into the C++ of one executable with all its tests. The executable takes the test's number as its
 * argument, runs that test, prints what the reference prints, and exits as the reference would. What it cannot run it says
 * in one line `unsupported REASON` on descriptor 3.
 *
 * The text of the program follows the harness and little follows the text, so that macros of the program find nothing of
 * ours to break. Tests that cannot share a file (see `sharesFile`) make the joint unit one that does not compile, so that
 * the caller falls back to `composeSingle` for each.
 */
export function compose(program: Program, executor: CpuExecutor, pass: Pass): Composition {
  const shared = program.tests.every(sharesFile)
  return shared ? unit(program, executor, pass, [...program.tests.keys()]) : separate()
}

/** The same with one test alone, under its own number, as the reference compiles it. */
export function composeSingle(program: Program, executor: CpuExecutor, pass: Pass, testIndex: number): Composition {
  return unit(program, executor, pass, [testIndex])
}

/** A joint unit that says so itself. */
function separate(): Composition {
  return { kind: 'unit', text: '#error tests of this program are compiled one by one\n' }
}

function unit(program: Program, executor: CpuExecutor, pass: Pass, indices: readonly number[]): Composition {
  const settings = BUILDS[executor][pass]
  if (settings === undefined) return { kind: 'unsupported', reason: `the ${pass} pass on the ${executor} executor` }
  if ((program.side === 'cuda') !== (executor === 'emulated')) {
    return { kind: 'unsupported', reason: `a ${program.side} program on the ${executor} executor` }
  }
  const tests = indices.map((index) => program.tests[index] ?? '')
  const texts = { code: program.code, wrapper: program.wrapper, tests }
  const translated = executor === 'host' ? ({ kind: 'texts', ...texts } as const) : translateCuda(texts)
  if (translated.kind === 'unsupported') return translated
  if (pass === 'isolated')
    return isolatedUnit(program, { ...translated, prelude: settings.prelude, indices, archLine: archLine(program) })
  const bodies = indices.map((index, at) => testFunction(index, translated.tests[at] ?? ''))
  const text = [
    `#include "${settings.prelude}"`,
    archLine(program),
    section('code', translated.code),
    section('wrapper', translated.wrapper),
    ...bodies,
    mainFunction(indices),
  ].join('\n')
  return { kind: 'unit', text }
}

/** Defined only where the program asks, because its headers and ours are compiled once for host and device. */
function archLine({ side, code, wrapper }: Program): string {
  return side === 'cuda' && `${code}${wrapper}`.includes('__CUDA_ARCH__') ? '#define __CUDA_ARCH__ 800' : ''
}

/** Text under its own name and line numbers. The empty lines after it end a comment or a continued line. */
function section(name: string, text: string): string {
  return `#line 1 "${name}"\n${text}\n\n`
}

/**
 * A test is the body of main to the reference: it may return a number, and return nothing. At its end the program exits from
 * inside the function, with the test's own variables destroyed, so that a test which wrote past its arrays does not return to
 * where it wrote: whether that does harm differs from machine to machine.
 */
function testFunction(index: number, test: string): string {
  const body = section(`test ${index + 1}`, test)
  return `#line 1 "harness"\nstatic int __ks_test_${index}() { {\n${body}#line 2 "harness"\n} ::__ks::leave(); }`
}

function mainFunction(indices: readonly number[]): string {
  const cases = indices.map((index) => `{${index}, __ks_test_${index}}, `).join('')
  return ['#line 1 "main"', `int main(int argc, char **argv) { return ::__ks::run_test(argc, argv, {${cases}}); }`, ''].join('\n')
}
