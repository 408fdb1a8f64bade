import { z } from 'zod'
import { Case } from '../case.ts'
import { CASES_WINDOW } from '../limits.ts'
import { RoundProgress, RoundSpec, RoundState } from '../round.ts'

/** Researcher and coordinator. One stream a command, opened by the researcher. */
export const ROUNDS_PROTOCOL = '/kernelswarm/rounds/1.0.0'

const RoundName = z.string().max(128)

/** What the researcher says. */
export const FromResearcher = z.discriminatedUnion('t', [
  /** Opens a round, or finds the one that the same owner opened with the same words before. */
  z.strictObject({ t: z.literal('open'), spec: RoundSpec, casesDigest: z.string().max(128), salt: z.string().max(64) }),
  /** The cases from number `from` on (counted from 0); acknowledged when on disk. */
  z.strictObject({
    t: z.literal('cases'),
    round: RoundName,
    from: z.int().nonnegative(),
    cases: z.array(Case).min(1).max(CASES_WINDOW),
  }),
  /** All `total` cases have been sent. */
  z.strictObject({ t: z.literal('seal'), round: RoundName, total: z.int().nonnegative() }),
  /** Live counts until the round has ended. */
  z.strictObject({ t: z.literal('watch'), round: RoundName }),
  /** The result files; with `partial` also of a round that has not ended. */
  z.strictObject({ t: z.literal('fetch'), round: RoundName, partial: z.boolean() }),
  z.strictObject({ t: z.literal('cancel'), round: RoundName }),
  /** The rounds of this key. */
  z.strictObject({ t: z.literal('list') }),
])
export type FromResearcher = z.infer<typeof FromResearcher>

export const RoundRefusal = z.enum([
  /** This key may not open rounds here. */
  'not-allowed',
  /** No such round, or not this key's. */
  'unknown-round',
  /** The round is in a state in which this cannot be done. */
  'state',
  /** What the round shares with earlier ones of others is still being voted on: later. */
  'held',
  /** A message that does not fit: a gap in the cases, a wrong total, a case that breaks a limit. */
  'bad-request',
  /** The coordinator cannot do it now (disk, shutting down). */
  'unavailable',
])
export type RoundRefusal = z.infer<typeof RoundRefusal>

/** What the coordinator answers. */
export const ToResearcher = z.discriminatedUnion('t', [
  /** `have`: the cases already here, so that an interrupted submit goes on from there. */
  z.strictObject({ t: z.literal('opened'), round: RoundName, have: z.int().nonnegative(), state: RoundState }),
  z.strictObject({ t: z.literal('acknowledged'), have: z.int().nonnegative() }),
  z.strictObject({ t: z.literal('sealed') }),
  z.strictObject({ t: z.literal('progress'), progress: RoundProgress }),
  /** A piece of a result file; pieces come in order, a new name begins the next file. */
  z.strictObject({
    t: z.literal('file'),
    name: z.string().regex(/^[a-z_]+\.[a-z]+$/),
    bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected bytes'),
  }),
  /** The answer is complete. */
  z.strictObject({ t: z.literal('end') }),
  z.strictObject({ t: z.literal('rounds'), rounds: z.array(RoundProgress).max(1000) }),
  z.strictObject({ t: z.literal('refused'), code: RoundRefusal, message: z.string().max(1000) }),
])
export type ToResearcher = z.infer<typeof ToResearcher>
