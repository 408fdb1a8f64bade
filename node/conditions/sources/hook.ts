import type { PreferenceValues } from '../../preferences/schema.ts'
import { type Facts, known, unknown } from '../facts.ts'
import { runCommand } from './command.ts'
import type { Source } from './source.ts'

/** The owner's own command, run by the shell as who runs the node: its exit status says whether programs may run. */
export class HookSource implements Source {
  readonly name = 'the command of the preferences'
  readonly tells = ['hook'] as const
  #last: string | null = null

  everyMs({ hook }: PreferenceValues): number {
    // Another command is asked at once.
    return hook.command === this.#last ? hook['every-minutes'] * 60_000 : 0
  }

  longestMs({ hook }: PreferenceValues): number {
    return hook['timeout-seconds'] * 1000
  }

  async look({ hook }: PreferenceValues, _: number, { signal }: { signal: AbortSignal }): Promise<Partial<Facts>> {
    this.#last = hook.command
    if (hook.command === null) return { hook: unknown('there is none') }
    const { status } = await runCommand('/bin/sh', ['-c', hook.command], { signal, env: process.env })
    return { hook: status === null ? unknown('it was ended by a signal') : known(status) }
  }
}
