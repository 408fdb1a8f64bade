import type { Command } from 'commander'
import { askDaemon, type RunDetail, type RunRecord } from '../../../node/index.ts'
import { positive } from '../../options.ts'
import { dataOption } from './data.ts'
import { plain, runLine, when } from './words.ts'

interface HistoryOptions {
  data: string
  limit: number
  json?: boolean
}

/** What ran on this machine. */
export function addHistory(node: Command): void {
  node
    .command('history [run]')
    .description('the programs that ran on this machine, or one of them with its source, limits, results and times')
    .option('--limit <N>', 'how many', positive, 50)
    .option('--json', 'JSON instead of lines')
    .addOption(dataOption())
    .action(async (run: string | undefined, { data, limit, json = false }: HistoryOptions) => {
      const found = await askDaemon<RunRecord[] | RunDetail>(
        data,
        run === undefined ? `/api/runs?limit=${limit}` : `/api/runs/${encodeURIComponent(run)}`,
      )
      const lines = json ? [JSON.stringify(found)] : Array.isArray(found) ? found.map(runLine) : detailLines(found)
      process.stdout.write(lines.length === 0 ? 'nothing has run yet\n' : `${lines.join('\n')}\n`)
    })
  node
    .command('receipts')
    .description('what coordinators have signed for: their words that verdicts of this node were accepted, as JSON')
    .addOption(dataOption())
    .action(async ({ data }: { data: string }) => {
      process.stdout.write(`${JSON.stringify(await askDaemon(data, '/api/receipts'))}\n`)
    })
}

function detailLines({ run, program }: RunDetail): string[] {
  const { wallMs, memoryBytes, outputBytes } = run.task.limits
  const source = program === null ? ['its source is not kept any more'] : [program.code, program.wrapper, ...program.tests]
  return [
    runLine(run),
    `coordinator ${run.coordinator}`,
    `task        ${run.taskId}, program ${run.task.program}`,
    `limits      ${wallMs} ms and ${memoryBytes} bytes of memory a test, ${outputBytes} bytes of output`,
    `ended       ${when(run.endedAt)} ${plain(run.detail)}`,
    ...run.tests.flatMap(({ status, wallMs: tookMs, findings, detail, output, outputBytes: bytes }, at) => [
      `test ${at + 1}      ${status}, ${tookMs} ms, ${bytes} bytes ${findings.map(({ flag }) => flag).join(', ')} ${plain(detail)}`,
      ...plain(output)
        .split('\n')
        .map((line) => `            ${line}`),
    ]),
    '',
    ...source.map(plain),
  ]
}
