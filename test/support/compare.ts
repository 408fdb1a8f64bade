import pino from 'pino'
import type { Ledger } from '../../coordinator/ledger.ts'
import { Comparer } from '../../coordinator/rounds/comparer.ts'

/** Lets the comparer do what there is for it to do in a ledger without a coordinator. */
export async function compareAll(ledger: Ledger, now: () => number): Promise<void> {
  const comparer = new Comparer({ ledger, clock: { now }, log: pino({ level: 'silent' }) })
  comparer.start()
  const { measuring, comparing } = ledger.state
  while (measuring.size + comparing.size > 0) await new Promise((resolve) => setImmediate(resolve))
  await comparer.stop()
}
