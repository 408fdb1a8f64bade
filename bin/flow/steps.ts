import { Listr, type ListrTask } from 'listr2'
import type { RoundProgress } from '../../protocol/index.ts'
import type { Outlook } from './forecast.ts'
import { judgedPercent, judgementWords, many, outlookWords } from './words.ts'

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

/** One line of a round's progress, and of how long it may take where that is known. */
export function progressLine(progress: RoundProgress, outlook?: Outlook): string {
  const { cases, judged, tasks, verdicts, unserved, givenBack, nodes, paused, disagreements } = progress
  if (unserved !== null && judged < cases) return `waiting: ${unserved}`
  const done = tasks.decided + tasks.undecided
  const rests = paused === null ? '' : `paused${paused.reason === 'limit' ? ` by a limit: ${paused.detail}` : ''}; `
  const words = outlook === undefined || judged === cases ? '' : outlookWords(outlook)
  const more = [disagreements === 0 ? '' : many(disagreements, 'disagreement'), words, givenBack ?? '']
  return `${rests}${judgedPercent(progress)} %  ${judged} of ${cases} cases (${judgementWords(progress)}); ${done} of ${tasks.total} tasks, ${verdicts} verdicts, ${nodes} nodes${more
    .filter((text) => text !== '')
    .map((text) => `; ${text}`)
    .join('')}`
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
