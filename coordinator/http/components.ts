import type { Ledger } from '../ledger.ts'
import type { Journal } from '../operations/journal.ts'
import type { Preference } from '../preference.ts'
import type { RoundEntry } from '../state/model.ts'
import type { Presence } from '../view.ts'
import type { Probes } from './probes.ts'
import type { SharedFile } from './schemas.ts'

/** What the pages are made from; they only read it. */
export interface Components {
  ledger: Ledger
  /** Who is connected now. */
  presence: () => Presence[]
  preference: Preference
  /** The coordinator's peer id. */
  coordinator: string
  /** The TCP port where nodes and researchers connect; null where there is none. */
  port: number | null
  /** Nodes near it belong to one person, so that their agreement is no evidence. */
  singleOperator: boolean
  /** Name and version of this software. */
  agent: string
  /** A result file of a round that has ended, as its bytes come. */
  results: (round: RoundEntry, file: SharedFile) => AsyncIterable<Uint8Array>
  journal: Journal
  probes: Probes
}
