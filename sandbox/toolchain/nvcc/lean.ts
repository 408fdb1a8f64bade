import type { Jail, JailStep } from '../../jail/jail.ts'
import type { Mount } from '../../jail/policy.ts'
import { SandboxFault } from '../../types.ts'
import { compileStep, INCLUDE_AT } from '../compile-step.ts'
import type { Nvcc } from './find.ts'
import { declaredNames, extraLines, functionsAgain, identifiersOf, macrosOf, namespacesOf } from './names.ts'
import { NVCC_FLAGS } from './step.ts'

export interface LeanParts {
  jail: Jail
  nvcc: Nvcc
  /** The toolkit, and what g++ needs. */
  mounts: readonly Mount[]
  compiler: string
  /** Folder of our headers, as prepared. */
  include: string
}

/** What nvcc reads before a program: all usual headers, and those of them that cost little. */
const VIEWS = {
  all: ['cuda_runtime.h', `${INCLUDE_AT}/harness/standard.h`],
  few: ['cuda_runtime.h', `${INCLUDE_AT}/harness/lean.h`],
} as const
type View = keyof typeof VIEWS

/** Preprocessed, all headers are 2 MB; questions and answers are less. */
const TEXT_BYTES = 32 * 1024 ** 2
const ASK_MS = 5 * 60_000

/**
 * The names that all usual headers declare, or define as macros, beyond what few of them do: a program that says none of them
 * means the same to nvcc after few headers as after all. Null where that cannot be found out here.
 *
 * 1. nvcc preprocesses both. Few must be a part of all, line by line.
 * 2. Macros: those whose definition is not the same after both.
 * 3. Every other word of the lines that only all have is asked about: g++ is given `using std::NAME` and `using ::NAME` after
 *    both and complains of those that are not declared. What is declared after all and not after few is one.
 * 4. A function that both declare may have further overloads in those lines: it is one, where its name stands there outside of
 *    any braces with a `(` after it, but for `swap` (see source/lean.ts).
 * 5. So are the namespaces of those lines: what is in them was not asked about.
 */
export async function findHeavyNames(parts: LeanParts): Promise<Set<string> | null> {
  const [all, few] = [await preprocess(parts, 'all'), await preprocess(parts, 'few')]
  const extra = extraLines(all, few, `${INCLUDE_AT}/`)
  if (extra === null) return null
  const macros = macrosOf(await preprocess(parts, 'all', ['-Xcompiler', '-dM']))
  const fewMacros = macrosOf(await preprocess(parts, 'few', ['-Xcompiler', '-dM']))
  const changed = [...macros].filter(([name, body]) => fewMacros.get(name) !== body).map(([name]) => name)
  const words = [...identifiersOf(extra)].filter((word) => !macros.has(word))
  const after = { all: await declared(parts, 'all', words), few: await declared(parts, 'few', words) }
  const again = functionsAgain(extra)
  const heavy = [...after.all].filter((word) => !after.few.has(word) || again.has(word))
  return new Set([...changed, ...heavy, ...namespacesOf(extra)])
}

async function preprocess(parts: LeanParts, view: View, flags: readonly string[] = []): Promise<string> {
  const { nvcc, compiler } = parts
  const text = VIEWS[view].map((header) => `#include <${header}>\n`).join('')
  const call = [nvcc.path, '-E', ...flags, ...NVCC_FLAGS, '-ccbin', compiler, `-I${INCLUDE_AT}`]
  const { stdout, exitCode, stderr } = await run(parts, 'cat > /tmp/names.cu && exec "$@" /tmp/names.cu', call, text, TEXT_BYTES)
  if (exitCode === 0) return stdout.toString('utf8')
  throw new SandboxFault('toolchain', `nvcc cannot read its headers: ${stderr.toString('utf8').trim().slice(0, 300)}`)
}

/** A name that nobody has: a compiler that does not complain of it has not come to its end. */
const NOBODY = '__ks_nobody'

/** Those of the words that std or the global namespace knows after these headers, as g++ alone reads them. */
async function declared(parts: LeanParts, view: View, words: readonly string[]): Promise<Set<string>> {
  const includes = VIEWS[view].slice(1).map((header) => `#include <${header}>\n`)
  const asked = [NOBODY, ...words, NOBODY]
  const asks = asked.map((word, at) => `${ask('std', at, `std::${word}`)}${ask('global', at, `::${word}`)}`)
  const call = [parts.compiler, '-std=c++17', '-fsyntax-only', '-fmax-errors=0', '-fno-diagnostics-show-caret', '-x', 'c++', '-']
  // Complaints are what is asked for, so they go where there is room for them.
  const { stdout, stop } = await run(parts, '"$@" 2>&1; exit 0', call, [...includes, ...asks].join(''), TEXT_BYTES)
  const known = declaredNames(asked, stdout.toString('utf8'))
  if (stop === 'ended' && !known.has(NOBODY)) return known
  throw new SandboxFault('toolchain', `${parts.compiler} did not say which names it knows (${stop})`)
}

function ask(where: string, at: number, name: string): string {
  return `#line ${at + 1} "${where}"\nnamespace __ks_${where}_${at} { using ${name}; }\n`
}

async function run(parts: LeanParts, script: string, call: readonly string[], text: string, maxProductBytes: number) {
  const { jail, mounts, compiler, include } = parts
  const order = { compiler, mounts, include, args: [], stdin: Buffer.from(text), maxProductBytes, wallMs: ASK_MS }
  const step: JailStep = { ...compileStep(order), argv: ['/bin/sh', '-c', script, 'sh', ...call] }
  return await jail.run(step, { signal: new AbortController().signal })
}
