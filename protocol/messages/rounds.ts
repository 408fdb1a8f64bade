import { z } from 'zod'
import { Case } from '../case.ts'
import { SwarmFigures } from '../figures.ts'
import { CASES_WINDOW } from '../limits.ts'
import { Caps, RerunKind, RoundProgress, RoundSpec, RoundState } from '../round.ts'

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
  /** `merged`: of a re-run, the cases of the round it is of, with those that were run again in their places. */
  z.strictObject({
    t: z.literal('fetch'),
    round: RoundName,
    partial: z.boolean(),
    merged: z.boolean().optional(),
    /** Files that whoever was cut has whole: all but these. */
    except: z.array(z.string().max(64)).max(32).optional(),
  }),
  z.strictObject({ t: z.literal('cancel'), round: RoundName }),
  /** Nothing new is given of it; what runs is withdrawn, or ends as it will where `finishRunning` is set. */
  z.strictObject({ t: z.literal('pause'), round: RoundName, finishRunning: z.boolean() }),
  /** It goes on; `caps` take the place of those it has. */
  z.strictObject({ t: z.literal('resume'), round: RoundName, caps: Caps.optional() }),
  /** Begins, or goes on, adding a file to a round that has not ended; `cases` and `seal` follow. */
  z.strictObject({ t: z.literal('extend'), round: RoundName, casesDigest: z.string().max(128) }),
  /** Runs some cases of an ended round again, as a round of its own, with votes of its own. */
  z.strictObject({
    t: z.literal('rerun'),
    round: RoundName,
    only: z.array(RerunKind).min(1).max(RerunKind.options.length),
    salt: z.string().max(64),
  }),
  /** The rounds of this key. */
  /** The last rounds of who asks; `before`: the last ones that were opened before that one. */
  z.strictObject({ t: z.literal('list'), before: RoundName.optional() }),
  /** What such a round has cost here so far. Nothing is opened. */
  z.strictObject({ t: z.literal('figures'), spec: RoundSpec }),
])
export type FromResearcher = z.infer<typeof FromResearcher>

export const RoundRefusal = z.enum([
  /** This key may not open rounds here. */
  'not-allowed',
  /** No such round, or not this key's. */
  'unknown-round',
  /** The round is in a state in which this cannot be done. */
  'state',
  /** It has used what it may. */
  'limit',
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
  /** The added file begins at case `from` (counted from 0), the round has `have`; `complete`: all of it is there already. */
  z.strictObject({
    t: z.literal('extended'),
    round: RoundName,
    from: z.int().nonnegative(),
    have: z.int().nonnegative(),
    complete: z.boolean(),
  }),
  z.strictObject({ t: z.literal('progress'), progress: RoundProgress }),
  /** A piece of a result file; pieces come in order, a new name begins the next file. One without bytes: the next is being made. */
  z.strictObject({
    t: z.literal('file'),
    name: z.string().regex(/^[a-z_]+\.[a-z]+$/),
    bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected bytes'),
  }),
  /** The answer is complete. */
  z.strictObject({ t: z.literal('end') }),
  z.strictObject({ t: z.literal('rounds'), rounds: z.array(RoundProgress).max(1000) }),
  z.strictObject({ t: z.literal('figures'), figures: SwarmFigures }),
  z.strictObject({ t: z.literal('refused'), code: RoundRefusal, message: z.string().max(1000) }),
])
export type ToResearcher = z.infer<typeof ToResearcher>
