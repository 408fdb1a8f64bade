import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { wholeNumber } from '../support/whole-number.ts'
import { Random } from './engine/random.ts'
import { page } from './report/page.ts'
import { table } from './report/table.ts'
import { SCENARIOS } from './scenarios/index.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { type Result, simulate } from './simulate.ts'

/** Decisions a scenario of the long form has at least: TRUST's bars are stated over so many. */
const LONG_FORM_DECISIONS = 30_000

interface Options {
  scenario?: string[]
  seed: string
  decisions?: number
  operators?: number
  json?: true
  out?: string
}

const program = new Command('simulate')
  .description('simulate swarms under attack and in trouble, with the rules that run in production')
  .addOption(new Option('--scenario <NAME...>', 'only these').choices(SCENARIOS.map(({ name }) => name)))
  .option('--seed <TEXT>', 'equal seeds give equal figures', '1')
  .option(
    '--decisions <N>',
    `decisions of each scenario, at least (default: ${LONG_FORM_DECISIONS}, or as the scenario says)`,
    wholeNumber,
  )
  .option('--nodes <N>', 'operators of each swarm, with 1.5 nodes each on average, instead of as the scenario says', wholeNumber)
  .option('--json', 'print one JSON object on the last line')
  .option('--out <DIR>', 'write simulate.json and simulate.html, with plots, into this folder')
  .addHelpText('after', `\nScenarios:\n${SCENARIOS.map(({ name, says }) => `  ${name.padEnd(24)} ${says}`).join('\n')}\n`)
  .parse()

const options = program.opts<Options & { nodes?: number }>()
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

const results: Result[] = []
const chosen = SCENARIOS.filter(({ name }) => options.scenario?.includes(name) ?? true)
for (const scenario of chosen) {
  if (stop.signal.aborted) break
  results.push(await run(scenario))
}

const report = {
  seed: options.seed,
  interrupted: stop.signal.aborted,
  scenarios: results.map(({ figures, bars }) => ({ ...figures, bars })),
}
if (options.out !== undefined) {
  await mkdir(options.out, { recursive: true })
  await writeFile(join(options.out, 'simulate.json'), `${JSON.stringify(report, null, 1)}\n`)
  await writeFile(
    join(options.out, 'simulate.html'),
    await page(results, `Seed ${options.seed}. How these figures come about stands in docs/simulation.md.`),
  )
}
console.log(options.json ? JSON.stringify(report) : table(results))
process.exitCode = !stop.signal.aborted && results.every(({ bars }) => bars.every(({ met }) => met)) ? 0 : 1

async function run(scenario: Scenario): Promise<Result> {
  const wanted = options.decisions ?? scenario.decisions ?? LONG_FORM_DECISIONS
  const tell = (text: string) => (process.stderr.isTTY ? process.stderr.write(`\r\u001b[K${text}`) : undefined)
  tell(`${scenario.name} ...`)
  const result = await simulate(scenario, new Random(options.seed), {
    decisions: wanted,
    operators: options.nodes ?? null,
    signal: stop.signal,
    onSwarm: ({ decisions }) => tell(`${scenario.name}: ${decisions} of ${wanted} decisions`),
  })
  tell('')
  if (!process.stderr.isTTY) process.stderr.write(`${JSON.stringify(result.figures)}\n`)
  return result
}
