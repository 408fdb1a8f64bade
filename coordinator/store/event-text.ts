import type { Event } from '../state/events.ts'

/**
 * An event as it stands in the log: JSON. The log is the coordinator's own, nothing of it is signed or named by its digest, and there
 * are two events for each verdict: the engine writes this ten times as fast as CBOR, and reads it five times as fast.
 */
export function eventText(event: Event): string {
  return JSON.stringify(event)
}

/** What stands in the log. @throws SyntaxError where that is no JSON */
export function eventFrom(value: Uint8Array): unknown {
  return JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString())
}
