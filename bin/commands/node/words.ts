import pc from 'picocolors'
import type { MembershipStatus, NodeStatus, RunRecord } from '../../../node/index.ts'

export function when(at: number | null): string {
  if (at === null) return ''
  const date = new Date(at)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** What a node does, in one line. */
export function sentenceOf({ says, until }: Pick<NodeStatus, 'says' | 'until'>): string {
  return until === null ? says : `${says} Until ${when(until)}.`
}

/** Strangers' words on a terminal: without what moves its cursor or changes its colours. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (sign) => (sign === '\n' || sign === '\t' ? sign : '\uFFFD'))
}

/** The same for what stands in a line with ours, which it must not end to begin one of its own. */
function inLine(text: string): string {
  return plain(text).replace(/\s+/g, ' ')
}

/** All a node says of itself, as lines. */
export function statusLines(status: NodeStatus): string[] {
  const { tally, running, rejected, coordinators, gpus, notes } = status
  return [
    pc.bold(sentenceOf(status)),
    ...notes.map((note) => `${pc.yellow('note')}      ${inLine(note)}`),
    `node      ${status.node ?? 'not yet'}  (process ${status.pid}, kernelswarm ${status.version}, since ${when(status.startedAt)})`,
    `page      ${status.page ?? 'none'}`,
    `runs      ${status.executors.join(', ') || 'not yet'}; ${status.slots} at a time`,
    ...running.map(({ since, on, executor, pass, labels, program, nonce }) => {
      const label = labels.length === 0 ? '' : `, of ${inLine(labels.join(', '))}`
      return `  ${nonce.slice(0, 8)}  on ${on} since ${when(since)}: ${executor}, ${pass}${label}; program ${program.slice(-8)}`
    }),
    ...coordinators.flatMap(coordinatorLines),
    ...(tally === null
      ? []
      : [
          `tasks     ${tally.finished} done, ${tally.accepted} accepted, ${tally.rejected} refused; ${tally.agreed} as decided, ${tally.disagreed} not; ${tally.declined} given back, ${tally.withdrawn} not needed, ${tally.overdue} too late, ${tally.lost} lost; receipts for ${tally.receipts}`,
        ]),
    ...rejected.map(({ nonce, at, why }) => `${pc.red('rejected')}  ${nonce.slice(0, 8)}  ${when(at)}: ${why}`),
    ...gpus.map(
      ({ name, temperatureCelsius, powerWatts, fanPercent, may }) =>
        `gpu       ${name}: ${temperatureCelsius ?? '?'} °C, ${powerWatts ?? '?'} W, fan ${fanPercent ?? '?'} %; ${may.may ? 'may run' : inLine(may.why)}`,
    ),
  ]
}

function coordinatorLines({
  coordinator,
  address,
  share,
  state,
  since,
  trouble,
  retryAt,
  reputation,
  least,
}: MembershipStatus): string[] {
  const how =
    state === 'connected'
      ? `connected since ${when(since)}`
      : `${state}${trouble === null ? '' : `: ${inLine(trouble.message)}`}${retryAt === null ? '' : `; again at ${when(retryAt)}`}`
  const lines = [
    `swarm     ${coordinator} (share ${share}) ${how}`,
    `          ${address}${least === null ? '' : `, takes nodes from ${least} on`}`,
  ]
  if (reputation === null) return lines
  const { standing, verdicts, agreed, disagreed, declined, expired } = reputation
  return [
    ...lines,
    `          it says: ${standing}; ${verdicts} verdicts, ${agreed} tests as decided, ${disagreed} not, ${declined} given back, ${expired} not returned`,
  ]
}

/** One run in one line. */
export function runLine({
  nonce,
  startedAt,
  task,
  origins,
  end,
  answer,
  outcome,
  reason,
  disagreed,
  receipted,
}: RunRecord): string {
  const labels = origins.map(({ label }) => inLine(label)).join(', ')
  const which = disagreed.length === 0 ? '' : ` in test ${disagreed.map((test) => test + 1).join(', ')}`
  const became = outcome !== null && outcome !== 'open' ? `${outcome}${which}` : (answer ?? reason ?? '')
  return `${nonce.slice(0, 12)}  ${when(startedAt)}  ${`${task.executor}/${task.pass}`.padEnd(18)} ${(end ?? 'runs').padEnd(9)} ${became}${receipted ? ' (receipt)' : ''}  ${labels}`
}
