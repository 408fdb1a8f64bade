import type { RoundProgress } from '../../protocol/index.ts'
import type { Outlook } from './forecast.ts'

/** A number as people read it: 12,345. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** So many of something: `1 node`, `2 nodes`. */
export function many(count: number, one: string, more = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : more}`
}

/** A time as people say it, in two units at most: `45 s`, `12 min`, `3 h 7 min`, `2 d 4 h`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 100) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const [hours, restMinutes] = [Math.floor(minutes / 60), minutes % 60]
  if (hours < 48) return restMinutes === 0 ? `${hours} h` : `${hours} h ${restMinutes} min`
  const [days, restHours] = [Math.floor(hours / 24), hours % 24]
  return restHours === 0 || days > 9 ? `${grouped(days)} d` : `${days} d ${restHours} h`
}

/** How fast it goes and how long it takes; empty while nobody can tell. */
export function outlookWords({ casesPerHour, remaining }: Outlook): string {
  if (casesPerHour === null || remaining === null) return ''
  const pace = casesPerHour >= 6000 ? `${grouped(casesPerHour / 60)} cases a minute` : `${grouped(casesPerHour)} cases an hour`
  if (remaining.ms === 0) return pace
  const [least, most] = [span(remaining.leastMs), remaining.mostMs === null ? null : span(remaining.mostMs)]
  const between = most === null ? `${least} or much more` : least === most ? '' : `${least} to ${most}`
  return `${pace}, about ${span(remaining.ms)} to go${between === '' ? '' : ` (${between})`}`
}

/** How the judged cases were judged. */
export function judgementWords({ judgements }: RoundProgress): string {
  return (['equivalent', 'different', 'invalid', 'undecided'] as const)
    .filter((word) => word !== 'invalid' || (judgements[word] ?? 0) > 0)
    .map((word) => `${grouped(judgements[word] ?? 0)} ${word}`)
    .join(', ')
}

/** Verdicts a task that anybody has voted on. */
export function replicas({ verdicts, tasks }: RoundProgress): number | null {
  const begun = tasks.total - tasks.waiting
  return begun === 0 || verdicts === 0 ? null : verdicts / begun
}

/** Whole per cent of the cases that are judged; 100 when all are. */
export function judgedPercent({ judged, cases }: RoundProgress): number {
  return cases === 0 ? 100 : Math.floor((100 * judged) / cases)
}
