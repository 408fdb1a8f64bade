import { Listr, type ListrTask } from 'listr2'
import type { RoundProgress } from '../../protocol/index.ts'

/** How a command shows its steps: live lines on a terminal, plain lines elsewhere, nothing for programs. */
export async function runSteps<C extends object>(steps: ListrTask<C>[], context: C, options: { quiet: boolean }): Promise<C> {
  const renderer = options.quiet ? 'silent' : process.stdout.isTTY ? 'default' : 'simple'
  const list = new Listr<C, 'default' | 'simple' | 'silent'>(steps, {
    renderer,
    concurrent: false,
    exitOnError: true,
    registerSignalListeners: false,
    silentRendererCondition: false,
    rendererOptions: { collapseErrors: false, showErrorMessage: false, formatOutput: 'wrap' },
  })
  return await list.run(context)
}

/** One line of a round's progress. */
export function progressLine(progress: RoundProgress): string {
  const { cases, judged, tasks, verdicts, judgements, unserved, givenBack, nodes, paused } = progress
  if (unserved !== null && judged < cases) return `waiting: ${unserved}`
  const done = tasks.decided + tasks.undecided
  const share = cases === 0 ? 100 : Math.floor((100 * judged) / cases)
  const words = (['equivalent', 'different', 'invalid', 'undecided'] as const)
    .filter((word) => word !== 'invalid' || (judgements[word] ?? 0) > 0)
    .map((word) => `${judgements[word] ?? 0} ${word}`)
    .join(', ')
  const rests = paused === null ? '' : `paused${paused.reason === 'limit' ? ` by a limit: ${paused.detail}` : ''}; `
  const waits = givenBack === null ? '' : `; ${givenBack}`
  return `${rests}${share} %  ${judged} of ${cases} cases (${words}); ${done} of ${tasks.total} tasks, ${verdicts} verdicts, ${nodes} nodes${waits}`
}

/** Says a line at most every `everyMs`, and never the same one twice; for a terminal that scrolls. */
export function paced(say: (line: string) => void, everyMs: number): (line: string, final?: boolean) => void {
  let last = ''
  let at = -Infinity
  return (line, final = false) => {
    const now = performance.now()
    if (line === last || (!final && now - at < everyMs)) return
    last = line
    at = now
    say(line)
  }
}
