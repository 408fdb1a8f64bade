import type { RoundProgress } from '../../protocol/index.ts'
import { emit } from './events.ts'
import { Forecast, type Outlook } from './forecast.ts'
import type { Link } from './link.ts'
import { followRound } from './round.ts'
import { paced, progressLine, runSteps } from './steps.ts'
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

/** Shows a round to an audience, with how long it may still take, anew each second also where nothing comes. */
export class Shown implements Disposable {
  readonly #audience: Audience
  readonly #forecast = new Forecast()
  readonly #ticker: NodeJS.Timeout
  #last: RoundProgress | null = null

  constructor(audience: Audience) {
    this.#audience = audience
    this.#ticker = setInterval(() => this.#show(), TICK_MS)
  }

  note(progress: RoundProgress): void {
    this.#last = progress
    this.#show()
  }

  /** The round is out of sight. */
  away(why: string): void {
    this.#last = null
    this.#forecast.reset()
    this.#audience.away(why)
  }

  back(): void {
    this.#audience.back()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#ticker)
  }

  #show(): void {
    const progress = this.#last
    if (progress === null) return
    if (progress.paused !== null) this.#forecast.reset()
    this.#forecast.note(performance.now(), progress.judged)
    this.#audience.progress(progress, this.#forecast.outlook(progress.cases - progress.judged))
  }
}

/**
 * Shows a round to its end, over cuts of the line and restarts of the coordinator.
 * @throws KernelswarmError `cancelled`; as `Link.persist`
 */
export async function watchRound(link: Link, round: string, audience: Audience): Promise<RoundProgress> {
  using shown = new Shown(audience)
  const events = { away: (why: string) => shown.away(why), back: () => shown.back() }
  return await link.persist(async (client, heard) => {
    return await followRound(client, round, (progress) => {
      heard()
      shown.note(progress)
    })
  }, events)
}

/** Shows a round in place on a terminal, under a title, while something goes on. */
export async function showLive<T>(title: string, use: (audience: Audience) => Promise<T>): Promise<T> {
  let made: { value: T } | null = null
  const task = async (_: object, task: { output: string; title: string }) => {
    const draw = onTerminal((text) => (task.output = text))
    made = {
      value: await use({
        ...draw,
        progress: (progress, outlook) => {
          task.title = `${progress.name}  ${progress.round}`
          draw.progress(progress, outlook)
        },
      }),
    }
  }
  await runSteps<object>([{ title, rendererOptions: { outputBar: 1 }, task }], {}, { quiet: false })
  return (made as { value: T } | null)?.value as T
}

/** Several who are shown the same. */
export function together(...audiences: readonly Audience[]): Audience {
  return {
    progress: (progress, outlook) => {
      for (const one of audiences) one.progress(progress, outlook)
    },
    away: (why) => {
      for (const one of audiences) one.away(why)
    },
    back: () => {
      for (const one of audiences) one.back()
    },
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
export function onLines(say: (line: string) => void, everyMs = PLAIN_LINE_MS): Audience {
  const now = paced(say, everyMs)
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

/** What is said while the coordinator is waited for. */
export function awayWords(why: string): string {
  return `the coordinator is away (${why}); trying again, nothing is lost`
}
