import { eventsAsText } from './events-as-text.ts'
import type { Migration } from './migration.ts'
import { prunedContents } from './pruned-contents.ts'
import { votesByDigest } from './votes-by-digest.ts'

/**
 * One step a version, oldest first; the last one leads to the version that `schema.ts` names. A step is never changed once
 * it was released: stores it has written are out there.
 */
export const MIGRATIONS: readonly Migration[] = [votesByDigest, prunedContents, eventsAsText]
