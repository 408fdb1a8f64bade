import { spawnSync } from 'node:child_process'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Pass, type Program, ROUND_DEFAULTS } from '../../protocol/index.ts'
import { openJail } from '../../sandbox/executor/open.ts'
import { projectComposer } from '../../sandbox/executor/project-composer.ts'
import { Runner } from '../../sandbox/executor/runner.ts'
import { INCLUDE_AT } from '../../sandbox/toolchain/compile-step.ts'
import { CPU_EXECUTORS, type CpuExecutor } from '../../sandbox/toolchain/composer.ts'
import { unitArguments } from '../../sandbox/toolchain/unit-flags.ts'
import { CACHE } from '../support/cache.ts'
import { type BenchCase, chooseCases } from './cases.ts'
import { CpuClock, countedBelow } from './cpu-clock.ts'
import { type GpuSteps, gpuSteps } from './gpu-steps.ts'
import { type Stages, stagesOf } from './stages.ts'

/**
 * What the cost of a program is made of, step by step, milliseconds of the processor, the mean over some cases:
 *
 *     node test/bench/steps.ts [--cases FILE] [--count 6] [--seed 1] [--json]
 *
 * The compiler is stopped after each of its stages, outside of a jail; what a stage takes is the difference. The jail is one
 * around a program that does nothing. Where nvcc is, the builds for a GPU are among the rows: nvcc's part whole, and g++'s of the
 * fast path by its stages.
 */
const EXAMPLES = fileURLToPath(new URL('../../docs/examples/first-round.jsonl', import.meta.url))
const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: EXAMPLES },
    count: { type: 'string', default: '6' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const { limits } = ROUND_DEFAULTS
const { signal } = new AbortController()
/** Of jails around nothing. */
const JAILS = 40
const NO_PROGRAM: Program = { v: 1, side: 'cpp', code: '', wrapper: '', tests: [''] }

interface Steps extends Stages {
  of: string
  composeMs: number
}

interface Figures {
  rows: readonly Steps[]
  /** Null where nvcc is not. */
  gpu: GpuSteps | null
  jailMs: number
  jailOwnMs: number
  cases: number
}

async function main(): Promise<number> {
  const clock = new CpuClock()
  const { jail, equipment, libraries, toolchain } = await openJail({ composer: projectComposer }, { cacheDir: CACHE })
  const cases = await chooseCases(values.cases, { count: Number(values.count), seed: Number(values.seed) })
  await using folder = await mkdtempDisposable(join(tmpdir(), 'kernelswarm-steps-'))

  const rows: Steps[] = []
  for (const executor of CPU_EXECUTORS) {
    for (const pass of Pass.options) {
      const settings = projectComposer.builds[executor][pass]
      if (settings === undefined) continue
      const texts: string[] = []
      const composing = process.cpuUsage()
      for (const item of cases) {
        const unit = projectComposer.compose(programIn(item, executor), executor, pass, 'g++')
        if (unit.kind === 'unit') texts.push(unit.text)
      }
      const { user, system } = process.cpuUsage(composing)
      const calls = texts.map((text) => {
        const args = unitArguments(settings, equipment, text).map((word) => word.replace(INCLUDE_AT, equipment.include))
        return { text, args: [`-I${equipment.include}`, ...args] }
      })
      const stages = await stagesOf(clock, toolchain.compiler, calls, join(folder.path, 'out'))
      rows.push({ of: `${executor}, ${pass}`, composeMs: (user + system) / 1000 / cases.length, ...stages })
    }
  }
  const gpu = await gpuSteps({ clock, jail, equipment, toolchain, folder: folder.path, cacheDir: CACHE }, cases)
  const nothing = join(folder.path, 'nothing')
  await writeFile(`${nothing}.cpp`, 'int main() {}\n')
  spawnSync(toolchain.compiler, [`${nothing}.cpp`, '-o', nothing])
  const order = { product: await readFile(nothing), index: 0, executor: 'host' as const, limits, program: NO_PROGRAM }
  const runner = new Runner({ jail, libraries })
  const jailed = await clock.time(async () => {
    for (let run = 0; run < JAILS; run++) await runner.run(order, { signal })
  })
  const figures: Figures = {
    rows,
    gpu,
    jailMs: (jailed.children * 1000) / JAILS,
    jailOwnMs: (jailed.own * 1000) / JAILS,
    cases: cases.length,
  }
  process.stdout.write(values.json ? `${JSON.stringify(figures)}\n` : table(figures))
  return 0
}

function programIn({ cpp, cuda }: BenchCase, executor: CpuExecutor): Program {
  return executor === 'host' ? cpp : cuda
}

/** As docs/benchmarks.md has it. */
function table({ rows, gpu, jailMs, jailOwnMs }: Figures): string {
  const ms = (value: number) => Math.round(value)
  const all = [...rows, ...(gpu === null ? [] : [{ of: "gpu, the host's half of the fast path", composeMs: 0, ...gpu.half }])]
  const lines = all.map(({ of, composeMs, frontMs, backMs, assembleMs, linkMs }) => {
    const all = frontMs + backMs + assembleMs + linkMs
    return `| ${of} | ${[composeMs, frontMs, backMs, assembleMs, linkMs, all].map(ms).join(' | ')} |`
  })
  const head = '| program | compose | read | optimise | assemble | link | all of g++ |\n|---|---|---|---|---|---|---|\n'
  const nvcc =
    gpu === null ? '' : `\nnvcc: machine code alone ${ms(gpu.imageMs)} ms, with its own host pass ${ms(gpu.ownMs)} ms\n`
  return `${head}${lines.join('\n')}\n${nvcc}\na jail: ${ms(jailMs)} ms, and ${ms(jailOwnMs)} ms of the process that makes it\n`
}

process.exitCode = (await countedBelow()) ?? (await main())
