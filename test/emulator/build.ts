import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BUILDS, type CpuExecutor, compose, INCLUDE_DIR } from '../../sandbox/source/compose.ts'

/** One feature: what it declares, the statements that use it, and what they must print. */
export interface Feature {
  id: string
  code?: string
  test: string
  prints: string
  /** @default 0 */
  exit?: number
}

export interface Ran {
  stdout: string
  /** What was written to descriptor 3. */
  report: string
  code: number | null
  signal: string | null
}

/** A compiled program in a folder of its own, removed on dispose. */
export class Built {
  readonly #folder: string
  constructor(folder: string) {
    this.#folder = folder
  }

  get path(): string {
    return join(this.#folder, 'program')
  }

  /** `order` is that of the threads of kernels; forward where it is not said. */
  run(index: number, order?: 'forward' | 'reverse' | 'interleaved'): Ran {
    const done = spawnSync(this.path, [String(index), ...(order === undefined ? [] : [order])], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      timeout: 20_000,
      killSignal: 'SIGKILL',
    })
    return {
      stdout: done.stdout.toString('latin1'),
      report: String(done.output[3] ?? ''),
      code: done.status,
      signal: done.signal,
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Compiles without a jail: these are the project's own programs. `watched` is with every access of kernels looked at. */
export function buildTests(
  executor: CpuExecutor,
  code: string,
  tests: string[],
  { watched = false } = {},
): Built | { complaint: string } {
  const side = executor === 'host' ? 'cpp' : 'cuda'
  const unit = compose({ v: 1, side, code, wrapper: '', tests }, executor, 'plain')
  if (unit.kind === 'unsupported') return { complaint: `unsupported: ${unit.reason}` }
  const folder = mkdtempSync(join(tmpdir(), 'kernelswarm-emulator-'))
  writeFileSync(join(folder, 'unit.cpp'), unit.text)
  const { flags = [], link = [], runtime } = BUILDS[executor][watched ? 'races' : 'plain'] ?? {}
  const sources = [join(folder, 'unit.cpp'), ...(runtime === undefined ? [] : [join(INCLUDE_DIR, runtime.source)])]
  const args = [`-I${INCLUDE_DIR}`, ...flags, ...sources, ...link, '-o', join(folder, 'program')]
  const done = spawnSync('g++', args, { env: { ...process.env, LC_ALL: 'C' } })
  if (done.status === 0) return new Built(folder)
  rmSync(folder, { recursive: true, force: true })
  return { complaint: done.stderr.toString().slice(0, 4000) }
}

/** All features in one program, because compiling is what costs. */
export function buildFeatures(executor: CpuExecutor, features: readonly Feature[], options: { watched?: boolean } = {}): Built {
  const code = features.map((feature) => feature.code ?? '').join('\n')
  const tests = features.map(({ test }) => test)
  const built = buildTests(executor, code, tests, options)
  if (built instanceof Built) return built
  throw new Error(built.complaint)
}
