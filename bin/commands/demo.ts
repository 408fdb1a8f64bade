import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import pc from 'picocolors'
import { z } from 'zod'
import { JudgementWord, KernelswarmError, ROUND_DEFAULTS } from '../../protocol/index.ts'
import { type Context, untilAborted } from '../context.ts'
import { oneShot } from '../flow/one-shot.ts'
import { printSummary, summaryOf } from '../flow/summary.ts'
import { makeLog } from '../log.ts'
import { noNvcc, nvccUse } from '../options.ts'
import { interrupted } from './run.ts'

const EXAMPLE = fileURLToPath(new URL('../../docs/examples/first-round.jsonl', import.meta.url))
/** Wall time of a test of the example: one of its kernels never ends. */
const EXAMPLE_WALL_MS = 2_000
const NODES = 3

export function addDemo(program: Command, context: Context): void {
  program
    .command('demo')
    .description('the whole thing on this machine: the example round, three nodes, majority of 2 of 3')
    .option('--out <DIR>', 'folder for the result files', 'out/demo')
    .addOption(noNvcc())
    .option('--keep', 'leave the page open at the end, until Ctrl-C')
    .action(async ({ out, keep, nvcc }: { out: string; keep?: boolean; nvcc: boolean }) => {
      const example = await readExample()
      intro(example)
      const result = await oneShot({
        file: EXAMPLE,
        out,
        spec: { ...ROUND_DEFAULTS, v: 1, name: 'example round', limits: { ...ROUND_DEFAULTS.limits, wallMs: EXAMPLE_WALL_MS } },
        nodes: NODES,
        nvcc: nvccUse({ nvcc }),
        http: { host: '127.0.0.1', port: 0 },
        quiet: false,
        log: makeLog('error'),
        signal: context.signal,
        whileUp: async ({ progress, wallMs, url }) => {
          printSummary(await summaryOf(out, progress, wallMs))
          process.stdout.write(
            `${pc.bold('page'.padEnd(18))} ${url}  ${keep ? '(open until Ctrl-C)' : '(while it ran; `npm run demo -- --keep` leaves it open)'}\n`,
          )
          if (keep) await untilAborted(context.signal)
        },
      }).catch(interrupted(context.signal, 'the same command goes on where it was'))
      await selfCheck(example, out, result.progress.cases)
    })
}

const Expected = z.looseObject({
  id: z.union([z.string(), z.number()]),
  title: z.string(),
  why: z.string(),
  expect: z.strictObject({ compat: JudgementWord, strict: JudgementWord }),
})
type Expected = z.infer<typeof Expected>

const Outcome = z.looseObject({ line: z.number(), judgement: z.strictObject({ compat: JudgementWord, strict: JudgementWord }) })

async function readExample(): Promise<Expected[]> {
  return (await readLines(EXAMPLE)).map((value) => Expected.parse(value))
}

function intro(example: readonly Expected[]): void {
  const wrong = example.filter(({ expect }) => expect.compat !== 'equivalent' || expect.strict !== 'equivalent').length
  process.stdout.write(
    `${example.length} C functions and their CUDA translations, ${wrong} of them wrong on purpose, five tests each.\n` +
      `A coordinator and ${NODES} nodes verify them: every program is compiled once and run in a jail, each test in a process of its\n` +
      'own; 2 of 3 nodes must agree. No GPU is needed: kernels run emulated. All three are yours, so that they agree shows that results\n' +
      'repeat, and no more: among strangers it would be evidence.\n\n',
  )
}

/** Holds every judgement against what the example file says it must be. @throws when one differs */
async function selfCheck(example: readonly Expected[], out: string, cases: number): Promise<void> {
  const outcomes = (await readLines(`${out}/outcomes.jsonl`)).map((value) => Outcome.parse(value))
  const wrong = example.flatMap(({ id, title, expect, why }, index) => {
    const judged = outcomes[index]?.judgement ?? { compat: 'missing', strict: 'missing' }
    return (['compat', 'strict'] as const).flatMap((rule) =>
      judged[rule] === expect[rule]
        ? []
        : [`  ${id} (${title}): judged ${judged[rule]} by the ${rule} rule, must be ${expect[rule]}: ${why}`],
    )
  })
  if (wrong.length > 0 || outcomes.length !== example.length || cases !== example.length) {
    throw new KernelswarmError('self-check', `the example round was not judged as it must be:\n${wrong.join('\n')}`)
  }
  process.stdout.write(
    `${pc.bold('self-check'.padEnd(18))} ${pc.green('ok')}: all ${example.length} cases are judged as the example says they must be, by both rules\n`,
  )
}

async function readLines(file: string): Promise<unknown[]> {
  return (await readFile(file, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown)
}
