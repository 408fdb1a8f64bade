import type { RoundProgress } from '../../protocol/index.ts'
import { emit } from './events.ts'
import { Forecast, type Outlook } from './forecast.ts'
import type { Link } from './link.ts'
import { followRound } from './round.ts'
import { paced, progressLine } from './steps.ts'
import { watchLines } from './watch-lines.ts'

/** Who is shown how a round goes. */
export interface Audience {
  progress: (progress: RoundProgress, outlook: Outlook) => void
  away: (why: string) => void
  back: () => void
}

/** How often what is shown is worked out anew where nothing comes: a round that stands still takes longer. */
const TICK_MS = 1_000
/** Lines of progress where the terminal does not redraw come at most this often. */
const PLAIN_LINE_MS = 5_000

/**
 * Shows a round to its end, over cuts of the line and restarts of the coordinator.
 * @throws KernelswarmError `cancelled`; as `Link.persist`
 */
export async function watchRound(link: Link, round: string, audience: Audience): Promise<RoundProgress> {
  const forecast = new Forecast()
  let last: RoundProgress | null = null
  const show = (progress: RoundProgress) => {
    if (progress.paused !== null) forecast.reset()
    forecast.note(performance.now(), progress.judged)
    audience.progress(progress, forecast.outlook(progress.cases - progress.judged))
  }
  const ticker = setInterval(() => last !== null && show(last), TICK_MS)
  const events = {
    away: (why: string) => {
      last = null
      forecast.reset()
      audience.away(why)
    },
    back: () => audience.back(),
  }
  try {
    return await link.persist(async (client, heard) => {
      return await followRound(client, round, (progress) => {
        heard()
        last = progress
        show(progress)
      })
    }, events)
  } finally {
    clearInterval(ticker)
  }
}

/** A terminal that redraws: all there is to say, in some lines. */
export function onTerminal(draw: (text: string) => void): Audience {
  let lines: string[] = []
  return {
    progress: (progress, outlook) => {
      lines = watchLines(progress, outlook)
      draw(lines.join('\n'))
    },
    away: (why) => draw([...lines, awayWords(why)].join('\n')),
    back: () => draw(lines.join('\n')),
  }
}

/** A terminal that scrolls, or a file: a line now and then. */
export function onLines(say: (line: string) => void): Audience {
  const now = paced(say, PLAIN_LINE_MS)
  return {
    progress: (progress, outlook) => now(progressLine(progress, outlook)),
    away: (why) => say(awayWords(why)),
    back: () => say('the coordinator is back'),
  }
}

/** Programs: an event a line, when something changed. */
export function forPrograms(): Audience {
  let before = ''
  return {
    progress: (progress, outlook) => {
      const text = JSON.stringify(progress)
      if (text === before) return
      before = text
      emit({ event: 'progress', ...progress, ...outlook })
    },
    away: (why) => emit({ event: 'away', why }),
    back: () => emit({ event: 'back' }),
  }
}

function awayWords(why: string): string {
  return `the coordinator is away (${why}); trying again, nothing is lost`
}
