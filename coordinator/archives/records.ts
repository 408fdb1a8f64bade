import { z } from 'zod'
import { CidText } from '../../protocol/index.ts'
import type { Operation } from '../store/disk.ts'
import type { Place } from './folder.ts'

/** What the store keeps of archives: a record for each, and where contents are that have left the store. */

/** An archive that is on disk. */
export const ArchiveRecord = z.strictObject({
  /** Name of its first block. */
  root: CidText,
  bytes: z.int().positive(),
  /** When its round ended, milliseconds since 1970. */
  endedAt: z.number(),
  /** `whole`: all are in the store, too; `pruning`: some may have left it; `pruned`: those that could have. */
  state: z.enum(['whole', 'pruning', 'pruned']),
})
export type ArchiveRecord = z.infer<typeof ArchiveRecord>

export const ARCHIVE_PREFIX = 'archive/'
export const PRUNED_PREFIX = 'pruned/'

export function archiveKey(round: string): string {
  return ARCHIVE_PREFIX + round
}

export function prunedKey(cid: string): string {
  return PRUNED_PREFIX + cid
}

export function archivePut(round: string, record: ArchiveRecord): Operation {
  return { type: 'put', key: archiveKey(round), value: Buffer.from(JSON.stringify(record)) }
}

/** @throws when it is none */
export function archiveFrom(value: Uint8Array): ArchiveRecord {
  return ArchiveRecord.parse(JSON.parse(Buffer.from(value).toString()))
}

/** A content leaves the store, and where it is is noted, in one batch. */
export function prune(cid: string, { round, offset, length }: Place): Operation[] {
  return [
    { type: 'put', key: prunedKey(cid), value: Buffer.from(`${round} ${offset} ${length}`) },
    { type: 'del', key: `blob/${cid}` },
  ]
}

/** @throws when it is none */
export function placeFrom(value: Uint8Array): Place {
  const found = /^(baf[a-z2-7]{56}) (\d{1,15}) (\d{1,9})$/.exec(Buffer.from(value).toString())
  if (found === null) throw new Error('not the place of a content in an archive')
  return { round: found[1] as string, offset: Number(found[2]), length: Number(found[3]) }
}
