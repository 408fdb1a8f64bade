import { setImmediate as turn } from 'node:timers/promises'
import type { Stream } from '@libp2p/interface'
import type { z } from 'zod'
import { Channel } from '../../protocol/index.ts'
import type { Live } from './live.ts'
import { made } from './live.ts'

/** Whoever is talked to: opens a conversation on a stream, and says when it is over. */
export interface Target {
  /** What it says to whoever talks to it: all its answers have to be that. */
  readonly answers: z.ZodType
  /** Serves the other end of the stream; resolves when that is done with. */
  serve(stream: Stream): Promise<unknown>
  /** What is right just now. */
  live(): Live
  [Symbol.asyncDispose](): Promise<void>
}

/** Nothing that is said may keep a session for longer: milliseconds of a machine that does other things, too. */
const HANGS_MS = 30_000

/** Turns of the event loop in which an answer to what was said last has come, or what it was has been found out. */
const TURNS = 2
/** The same at the end. Who has asked for something that goes on may be listening for as long as it does: then it is he who leaves. */
const LAST_TURNS = 20

/**
 * Says all frames, one after the other, and then no more.
 * @returns how many were said before the other side had enough
 * @throws when an answer is no message, or the session does not end
 */
export async function converse(target: Target, streams: [Stream, Stream], frames: readonly Uint8Array[]): Promise<number> {
  const [here, there] = streams
  const channel = new Channel<unknown, unknown>(here, { schema: target.answers })
  const hearing = hear(channel)
  const served = target.serve(there)
  let said = 0
  for (const frame of frames) {
    if (here.status !== 'open') break
    here.send(made(frame, target.live()))
    said++
    for (let n = 0; n < TURNS; n++) await turn()
  }
  if (here.status === 'open') await here.close()
  for (let n = 0; n < LAST_TURNS && here.status === 'open'; n++) await turn()
  here.abort(new Error('enough'))
  let hangs: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    hangs = setTimeout(() => reject(new Error('the session does not end')), HANGS_MS)
  })
  try {
    await Promise.race([served, late])
    await Promise.race([hearing, late])
  } finally {
    clearTimeout(hangs)
  }
  return said
}

/** The end of a stream is no matter; an answer that is none of its protocol is. */
async function hear(channel: Channel<unknown, unknown>): Promise<void> {
  try {
    for await (const _ of channel);
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'schema' || code === 'malformed' || code === 'not-canonical' || code === 'too-large') throw error
  }
}
