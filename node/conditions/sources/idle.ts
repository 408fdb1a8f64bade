import { type Facts, known } from '../facts.ts'
import { askCommand } from './command.ts'
import type { Source } from './source.ts'

/** What logind knows of all sessions together: keyboards and screens as desktops tell it, terminals by itself. */
const QUESTION = ['show-session', '--property=IdleHint', '--property=IdleSinceHint'] as const

/** How often it is asked: so long who comes back waits for his machine. */
const EVERY_MS = 5_000

/** Whether somebody uses the machine, by logind. Where there is none it cannot be told. */
export class IdleSource implements Source {
  readonly name = 'logind'
  readonly tells = ['idle'] as const
  readonly #command: string
  constructor(command = 'loginctl') {
    this.#command = command
  }

  everyMs(): number {
    return EVERY_MS
  }

  async look(_: unknown, __: number, options: { signal: AbortSignal }): Promise<Partial<Facts>> {
    const answer = await askCommand(this.#command, QUESTION, options).catch(() => {
      throw new Error('logind does not answer')
    })
    return { idle: known({ since: parseIdle(answer) }) }
  }
}

/**
 * `IdleHint=yes` and `IdleSinceHint=` microseconds of the clock, 0 where nobody has been there at all.
 * @returns since when it is idle, milliseconds; null where it is in use
 */
export function parseIdle(text: string): number | null {
  const [, hint] = /^IdleHint=(yes|no)$/m.exec(text) ?? []
  const [, since] = /^IdleSinceHint=(\d+)$/m.exec(text) ?? []
  if (hint === undefined || since === undefined) throw new Error('logind does not say whether the machine is idle')
  return hint === 'yes' ? Number(since) / 1000 : null
}
