/** One part of the kit's run, in a process of its own: `part.ts ID`. What it says goes to main.ts as messages. */
import { KernelswarmError } from '../../../protocol/index.ts'
import { races, sanitized } from './parts/checked.ts'
import { context } from './parts/context.ts'
import { gpu } from './parts/gpu.ts'
import { health } from './parts/health.ts'
import { hostile } from './parts/hostile.ts'
import { isolated } from './parts/isolated.ts'
import { jail } from './parts/jail.ts'
import { machine } from './parts/machine.ts'
import { plain } from './parts/plain.ts'
import { rate } from './parts/rate.ts'
import { ways } from './parts/ways.ts'
import { wrong } from './parts/wrong.ts'
import type { Said } from './report.ts'
import { failed, type Part, type Places, type Stand } from './stand.ts'

export const RUN: Readonly<Record<string, Part>> = {
  ...{ machine, jail, gpu, context, plain, hostile, isolated, wrong, rate, ways, sanitized, races, health },
}

function say(said: Said): void {
  process.send?.(said)
}

async function run(id: string): Promise<void> {
  const part = RUN[id]
  if (part === undefined) throw new Error(`no part ${id}`)
  const { KIT_PLACES = '{}', KIT_MS = '0', KIT_FOUND = '{}' } = process.env
  const until = performance.now() + Number(KIT_MS)
  const stand: Stand = {
    places: JSON.parse(KIT_PLACES) as Places,
    signal: AbortSignal.timeout(Number(KIT_MS)),
    leftMs: () => Math.max(0, until - performance.now()),
    found: JSON.parse(KIT_FOUND) as Stand['found'],
    row: (row) => say({ kind: 'row', row }),
    figures: (figures) => say({ kind: 'figures', figures }),
  }
  const ending = await part(stand).catch((error: unknown) => {
    if (stand.signal.aborted) return failed(`its time was over: ${(error as Error).message}`)
    // A fault of the machine, in words for people.
    if (error instanceof KernelswarmError) return failed(error.message)
    throw error
  })
  say({ kind: 'end', ...ending })
}

if (process.env.KIT_LOAD_ONLY === undefined) {
  // Without whom it reports to there is nothing left to do.
  process.once('disconnect', () => process.exit(1))
  await run(process.argv[2] ?? '')
  process.disconnect?.()
}
