import { fileURLToPath } from 'node:url'
import type { Pass, Program } from '../../protocol/index.ts'
import { coverageBuild } from '../coverage/build.ts'
import { isolatedBuild } from '../isolated/build.ts'
import { isolatedUnit } from '../isolated/unit.ts'
import { sanitizedFlags } from '../sanitized/build.ts'
import { findHiding } from '../sanitized/hiding.ts'
import { plainKernels, translateCuda } from './cuda.ts'
import type { Decider } from './decider.ts'
import type { BuildSettings, Composition, CpuExecutor } from './settings.ts'
import { sharesFile } from './tests.ts'
import { tokenize } from './tokens.ts'

export type { BuildSettings, Composition, CpuExecutor } from './settings.ts'

/** Folder of the harness, the emulator and the CUDA headers they stand in for; passed to the compiler with -I. */
export const INCLUDE_DIR = fileURLToPath(new URL('../harness', import.meta.url))

/** What some distributions switch on: random canaries and checks make a program print other things there than elsewhere. */
const ALIKE_EVERYWHERE = ['-fno-stack-protector', '-fno-stack-clash-protection', '-U_FORTIFY_SOURCE']

/**
 * On x86-64 only functions marked for the device know of an instruction to fuse with, so contraction may be on for the whole
 * unit; elsewhere the mark itself switches it on (emulator/qualifiers.h).
 */
const CONTRACTION = ['-fexpensive-optimizations', process.arch === 'x64' ? '-ffp-contract=fast' : '-ffp-contract=off']

/**
 * host: as the reference, without -O, and without -w, which would also silence what is an error by default: a number in braces
 * that does not fit its place.
 *
 * emulated: what generated kernels do and a GPU compiler lets pass must not be broken by g++'s optimiser: signed overflow,
 * types looked at through other types, null pointers. -O1 halves the time of long kernels and costs short ones nothing.
 */
const PLAIN_FLAGS = {
  host: ['-std=c++17', ...ALIKE_EVERYWHERE],
  emulated: [
    '-std=c++17',
    '-w',
    ...ALIKE_EVERYWHERE,
    '-O1',
    '-fwrapv',
    '-fno-strict-aliasing',
    '-fno-delete-null-pointer-checks',
    '-fno-builtin-printf',
    ...CONTRACTION,
    '-pthread',
  ],
} as const satisfies Record<CpuExecutor, readonly string[]>

/**
 * Added to the emulated executor's flags: every access of a kernel to memory that threads share is watched, and races are
 * reported on descriptor 3 (emulator/runtime/accesses.h). A program so compiled also takes the order `interleaved` as its
 * second argument.
 */
const WATCHED_FLAGS = [
  '-DKS_WATCH_ACCESSES',
  // g++ makes the calls of its thread sanitizer, which the emulator answers.
  '-fsanitize=thread',
  '--param=tsan-instrument-func-entry-exit=0',
  // Lines for addr2line, in the version that all of its versions read rightly.
  '-g1',
  '-gdwarf-4',
  // What is reported is an address less that of the program, which is then that in the file.
  '-fPIE',
]

/**
 * Added beside them where a program is linked, not where a header is precompiled. The sanitizer's own library would take the
 * process over, so the libraries are named and it is not among them. The names after `-u` are in libraries that are not
 * shared, which the linker reads before it knows that somebody wants them.
 */
const WATCHED_LIBRARIES = [
  '-pie',
  '-nodefaultlibs',
  ...['-u,atexit', '-u,at_quick_exit', '-u,__cpu_model', '--no-as-needed'].map((option) => `-Wl,${option}`),
  ...['stdc++', 'm', 'pthread', 'gcc_s', 'gcc', 'c'].map((library) => `-l${library}`),
]

/** The emulator's own code, without the templates that programs see. */
function runtime(pass: Pass, source = 'emulated.cpp'): NonNullable<BuildSettings['runtime']> {
  return { file: `emulated-${pass}.o`, source }
}

/** How units are built, by executor and pass. */
export const BUILDS: Readonly<Record<CpuExecutor, Readonly<Partial<Record<Pass, BuildSettings>>>>> = {
  host: {
    plain: { prelude: 'host.h', flags: PLAIN_FLAGS.host },
    isolated: isolatedBuild('host', PLAIN_FLAGS.host),
    sanitized: { prelude: 'sanitized/host.h', flags: sanitizedFlags(PLAIN_FLAGS.host), needs: 'sanitizers' },
    coverage: coverageBuild(PLAIN_FLAGS.host),
  },
  emulated: {
    plain: { prelude: 'emulated.h', flags: PLAIN_FLAGS.emulated, runtime: runtime('plain') },
    isolated: isolatedBuild('emulated', PLAIN_FLAGS.emulated),
    sanitized: {
      prelude: 'emulated.h',
      flags: sanitizedFlags(PLAIN_FLAGS.emulated),
      runtime: runtime('sanitized', 'sanitized/emulated.cpp'),
      needs: 'sanitizers',
    },
    races: {
      prelude: 'emulated.h',
      flags: [...PLAIN_FLAGS.emulated, ...WATCHED_FLAGS],
      runtime: runtime('races'),
      link: WATCHED_LIBRARIES,
    },
  },
}

/**
 * Turns a program into the C++ of one executable with all its tests. The executable takes the test's number as its
 * argument, runs that test, prints what the reference prints, and exits as the reference would. What it cannot run it says
 * in one line `unsupported REASON` on descriptor 3.
 *
 * The text of the program follows the harness and little follows the text, so that macros of the program find nothing of
 * ours to break. Only tests that can share a file (see `allShareFile`) may stand in one.
 */
export function compose(program: Program, executor: CpuExecutor, pass: Pass, decider: Decider = 'g++'): Composition {
  return unit(program, { executor, pass, decider }, [...program.tests.keys()])
}

/** The same with one test alone, under its own number, as the reference compiles it. */
export function composeSingle(
  program: Program,
  executor: CpuExecutor,
  pass: Pass,
  testIndex: number,
  decider: Decider = 'g++',
): Composition {
  return unit(program, { executor, pass, decider }, [testIndex])
}

/** Whether no test of a program can change what stands after it. */
export function allShareFile(program: Program): boolean {
  return program.tests.every(sharesFile)
}

/** What a unit is for, and who decides whether it compiles. */
interface Target {
  executor: CpuExecutor
  pass: Pass
  decider: Decider
}

function unit(program: Program, { executor, pass, decider }: Target, indices: readonly number[]): Composition {
  const settings = BUILDS[executor][pass]
  if (settings === undefined) return { kind: 'unsupported', reason: `the ${pass} pass on the ${executor} executor` }
  if ((program.side === 'cuda') !== (executor === 'emulated')) {
    return { kind: 'unsupported', reason: `a ${program.side} program on the ${executor} executor` }
  }
  const tests = indices.map((index) => program.tests[index] ?? '')
  const texts = { code: program.code, wrapper: program.wrapper, tests }
  const hidden = pass === 'sanitized' || pass === 'races' ? findHiding([program.code, program.wrapper, ...tests]) : null
  if (hidden !== null) return { kind: 'unsupported', reason: `the ${pass} pass cannot vouch for this: ${hidden}` }
  const translated = executor === 'host' ? ({ kind: 'texts', ...texts } as const) : translateCuda(texts, decider)
  if (translated.kind === 'unsupported') return translated
  if (pass === 'isolated') {
    const shared = sharesVariables(program)
    if (shared !== null) return { kind: 'unsupported', reason: shared }
    return isolatedUnit(program, {
      ...translated,
      prelude: settings.prelude,
      indices,
      archLine: archLine(program),
      knownKernels: knownKernels(program),
    })
  }
  const bodies = indices.map((index, at) => testFunction(index, translated.tests[at] ?? ''))
  const text = [
    `#include "${settings.prelude}"`,
    archLine(program),
    section('code', translated.code),
    section('wrapper', translated.wrapper),
    knownKernels(program),
    ...bodies,
    mainFunction(indices),
  ].join('\n')
  return { kind: 'unit', text }
}

/** Such a variable lies in the unit, and the emulator that keeps its two places alike is the loader's. */
function sharesVariables({ code, wrapper, tests }: Program): string | null {
  const named = [code, wrapper, ...tests].some((text) => tokenize(text).tokens.some((token) => token.text === '__managed__'))
  return named ? 'a __managed__ variable, which the isolated pass cannot follow' : null
}

/** Defined only where the program asks, because its headers and ours are compiled once for host and device. */
function archLine({ side, code, wrapper }: Program): string {
  return side === 'cuda' && `${code}${wrapper}`.includes('__CUDA_ARCH__') ? '#define __CUDA_ARCH__ 800' : ''
}

/** A kernel that is launched by its address has lost its type; where a program does so, the plain ones are made known. */
function knownKernels({ side, code, wrapper, tests }: Program): string {
  const asks = side === 'cuda' && [code, wrapper, ...tests].some((text) => /\bcudaLaunch(?:Cooperative)?Kernel\b/.test(text))
  const names = asks ? plainKernels([code, wrapper]) : []
  return names.map((name, at) => `static const bool __ks_known_${at} = ::__ks::know_kernel(::${name});`).join('\n')
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
