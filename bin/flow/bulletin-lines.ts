import type { AnnouncedRound, Bulletin } from '../../protocol/index.ts'

/**
 * What is new in an announcement, a line a round: nothing is said twice.
 * @param said what was said last of each round and coordinator; is brought up to date
 */
export function bulletinLines(
  { coordinator, announcement: { at, addresses, rounds } }: Bulletin,
  said: Map<string, string>,
): string[] {
  const where = `coordinator ${coordinator}  ${addresses[0] ?? 'at no address'}`
  const time = new Date(at).toISOString()
  const news = [
    ...(isNew(coordinator, where, said) ? [where] : []),
    ...rounds
      .filter((round) => isNew(`${coordinator} ${round.round}`, standing(round), said))
      .map((round) => `${time}  ${round.round}  ${standing(round)}`),
  ]
  forget(coordinator, rounds, said)
  return news
}

function isNew(key: string, text: string, said: Map<string, string>): boolean {
  if (said.get(key) === text) return false
  said.set(key, text)
  return true
}

/** Rounds that are not told of any more take no room. */
function forget(coordinator: string, rounds: readonly AnnouncedRound[], said: Map<string, string>): void {
  const told = new Set(rounds.map(({ round }) => `${coordinator} ${round}`))
  for (const key of said.keys()) if (key.startsWith(`${coordinator} `) && !told.has(key)) said.delete(key)
}

function standing({ name, state, paused, cases, judged, tasks, verdicts }: AnnouncedRound): string {
  // A name is its researcher's: no control characters on somebody's terminal.
  const shown = name.replace(/\p{C}/gu, '?')
  return `${state}${paused ? ', paused' : ''}  ${judged} of ${cases} cases judged, ${tasks.decided + tasks.undecided} of ${tasks.total} tasks decided, ${verdicts} verdicts  "${shown}"`
}
