import { decodeCanonical, encodeCanonical, UsageError } from '../../../protocol/index.ts'
import type { Migration } from './migration.ts'

type Opened = { t: string; spec?: { policy?: { kind?: string } }; votes?: 'digest' }

const DEPTH = 32
/** Events in one batch. */
const BATCH = 1_000

/**
 * Answers now agree within their round's tolerance, where only equal bytes did. What was decided stays as it was, and so does what
 * is under way: the rounds of an older store say that they vote by digest. Its other events are as they were.
 *
 * How confidence is reckoned has changed, too, so that a round under such a policy would not come to where it was.
 */
export const votesByDigest: Migration = {
  from: 3,
  says: 'rounds that are there go on with votes that agree by their bytes',
  async *run(disk) {
    const rounds: [key: string, value: Opened][] = []
    for await (const [key, value] of disk.iterator({ gte: 'event/', lt: 'event0' })) {
      const event = decodeCanonical(value, DEPTH) as Opened
      if (event.t !== 'round-opened') continue
      if (event.spec?.policy?.kind === 'confidence') throw new UsageError('file', CONFIDENT)
      rounds.push([key, { ...event, votes: 'digest' }])
    }
    for (let from = 0; from < rounds.length; from += BATCH) {
      yield rounds.slice(from, from + BATCH).map(([key, event]) => ({ type: 'put', key, value: encodeCanonical(event) }))
    }
  },
}

const CONFIDENT =
  'the store of an older kernelswarm holds rounds under a confidence policy, of which the rules have changed; export its rounds with that version, and start with another folder'
