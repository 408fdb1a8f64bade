import { existsSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { findNvcc } from '../../sandbox/toolchain/nvcc/find.ts'
import { chooseCases } from './cases.ts'
import { provenClock } from './control.ts'
import { CpuClock, countedBelow } from './cpu-clock.ts'
import { rounded } from './figures.ts'
import { measureJail } from './jail-overhead.ts'
import { type BuiltBy, type CaseCost, measureCase, measureSamples, type SamplesCost, wayOf } from './measure.ts'
import { Ours } from './ours.ts'
import { Reference } from './reference.ts'
import { figureLines, figuresOf } from './sandbox-figures.ts'

const HELP = `What a case costs: the reference's way and ours, the same cases in one run, in seconds of the processor.

    npm run bench:sandbox -- [options]

    --cases FILE     cases to take from; their C++ side runs outside of any jail in the reference's way, so only a file
                     that you trust (default: the recorded cases beside this project, else docs/examples/first-round.jsonl)
    --count N        cases (default 12)
    --seed N         which of them (default 1)
    --samples N      translations of one function, distinct in text (default 20; 0 leaves them out)
    --share N        cases of which nothing but the way of the build is looked at, beside those (default 0)
    --jail-runs N    runs for the overhead of the jail (default 100; 0 leaves it out)
    --json           one JSON object on the last line

Everything is compiled cold: nothing is kept of other runs. What a machine prepares once (precompiled headers) is prepared
before, and reported apart. The CUDA side is built for a GPU and not run on one, in either way.
`
const RECORDED = fileURLToPath(new URL('../../../shared/data/babeltower/eval-dev.jsonl', import.meta.url))
const EXAMPLES = fileURLToPath(new URL('../../docs/examples/first-round.jsonl', import.meta.url))

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: existsSync(RECORDED) ? RECORDED : EXAMPLES },
    count: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    samples: { type: 'string', default: '20' },
    share: { type: 'string', default: '0' },
    'jail-runs': { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(HELP)
else process.exitCode = (await countedBelow()) ?? (await bench())

async function bench(): Promise<number> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'kernelswarm-bench-'))
  const count = Number(values.count)
  const chosen = await chooseCases(values.cases, { count: count + Number(values.share), seed: Number(values.seed) })
  const cases = chosen.slice(0, count)
  const [first] = cases
  if (first === undefined) throw new Error(`${values.cases}: no case with a test in it`)

  const clock = new CpuClock()
  say('preparing what a machine prepares once')
  const cacheDir = join(folder.path, 'cache')
  const began = performance.now()
  let opened: Ours | null = null
  const { children: prepareCpu } = await clock.time(async () => {
    opened = await Ours.open(cacheDir)
  })
  const ours = opened as unknown as Ours
  const prepare = { cpu: prepareCpu, wall: (performance.now() - began) / 1000 }
  const control = await provenClock(clock, ours)
  say(`a known second in a jail is measured as ${rounded(control)} s; ${ours.nvccSays}`)

  const nvcc = ours.gpu === null ? null : ((await findNvcc())?.path ?? null)
  const parts = { clock, ours, reference: new Reference(folder.path, nvcc) }
  const costs: CaseCost[] = []
  for (const [at, item] of cases.entries()) {
    const cost = await measureCase(parts, item, at)
    costs.push(cost)
    say(`case ${at + 1} of ${cases.length} (${item.name}): ${secondsIn(cost)}`)
  }
  const wanted = Number(values.samples)
  const sampled = (done: number) => say(`sample ${done} of ${wanted}`)
  const samples: SamplesCost | null = wanted > 0 && nvcc !== null ? await measureSamples(parts, first, wanted, sampled) : null
  const share: BuiltBy[] = []
  for (const item of chosen.slice(count)) {
    const built = await wayOf(parts, item)
    if (built !== null) share.push(built)
  }
  const runs = Number(values['jail-runs'])
  const jail = runs > 0 ? await measureJail({ cacheDir, runs, cgroups: 'where-possible' }) : null

  const noNvcc = nvcc === null ? ours.nvccSays : null
  const figures = figuresOf({ costs, samples, share, jailP95Ms: jail?.jail_overhead_p95_ms ?? null, control, prepare, noNvcc })
  process.stdout.write(values.json ? `${JSON.stringify(figures)}\n` : `${figureLines(figures).join('\n')}\n`)
  return 0
}

function secondsIn({ seconds }: CaseCost): string {
  return Object.entries(seconds)
    .map(([arm, value]) => `${arm} ${rounded(value)}`)
    .join(', ')
}

/** Progress goes beside the figures. */
function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
