import pc from 'picocolors'
import type { RoundProgress } from '../../protocol/index.ts'
import type { Outlook } from './forecast.ts'
import { grouped, judgedPercent, judgementWords, many, outlookWords, replicas, span } from './words.ts'

/** Everything a terminal shows of a round while it goes on, a row a matter. */
export function watchLines(progress: RoundProgress, outlook: Outlook): string[] {
  const { state, cases, judged, unserved, givenBack, stopped, paused } = progress
  const rows: [string, string][] = [
    ['round', `${state}${paused === null ? '' : `, ${pc.yellow(pausedWords(progress))}`}`],
    ['judged', `${judgedPercent(progress)} %  ${grouped(judged)} of ${many(cases, 'case')} (${judgementWords(progress)})`],
    ['pace', outlookWords(outlook) || (paused === null && judged < cases ? 'not known yet' : '-')],
    ['tasks', taskWords(progress)],
    ['replicas', replicaWords(progress)],
    ['nodes', `${many(progress.nodes, 'node')} that can serve it, ${grouped(progress.working)} at work`],
    ['used', spentWords(progress)],
  ]
  const notes = [judged < cases ? unserved : null, givenBack, stopped].filter((note) => note !== null)
  return [
    ...rows.map(([name, text]) => `${pc.bold(name.padEnd(9))} ${text}`),
    ...notes.map((note) => `${pc.yellow('note'.padEnd(9))} ${note}`),
  ]
}

function pausedWords({ paused }: RoundProgress): string {
  return paused?.reason === 'limit' ? `paused by a limit: ${paused.detail}` : 'paused'
}

function taskWords({ tasks }: RoundProgress): string {
  const { total, decided, undecided, balloting, waiting, provisional = 0 } = tasks
  const parts = [
    `${grouped(decided + undecided)} of ${many(total, 'task')} ended`,
    ...(undecided > 0 ? [`${grouped(undecided)} of them undecided`] : []),
    ...(provisional > 0 ? [`${grouped(provisional)} decided for the time being`] : []),
    `${grouped(balloting)} at work or voted on`,
    `${grouped(waiting)} waiting`,
  ]
  return parts.join(', ')
}

function replicaWords(progress: RoundProgress): string {
  const { verdicts, disagreements } = progress
  const each = replicas(progress)
  const so = each === null ? 'no verdicts yet' : `${each.toFixed(2)} a task so far (${many(verdicts, 'signed verdict')})`
  return `${so}; ${disagreements === 0 ? 'no disagreements' : pc.yellow(`disagreements on ${many(disagreements, 'task')}`)}`
}

function spentWords({ spent, caps }: RoundProgress): string {
  return (['cpu', 'gpu'] as const)
    .map((what) => {
      const cap = caps[`${what}Seconds`]
      return `${span(spent[`${what}Seconds`] * 1000)} of ${what.toUpperCase()}s${cap === null ? '' : ` (at most ${span(cap * 1000)})`}`
    })
    .join(', ')
}
