import type { Migration } from './migration.ts'

/**
 * Contents of archived rounds may have left the store from version 5 on. A store in which none has is one of that version as it
 * stands; the new number keeps it from versions that would take them for lost.
 */
export const prunedContents: Migration = {
  from: 4,
  says: 'contents of rounds that are archived may leave the store',
  async *run() {},
}
