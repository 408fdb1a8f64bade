/**
 * Stand in generated messages for what only the other side knows, an assignment's nonce, a round or a program: whoever sends
 * them puts in what is right just then, so that what was generated once can be said again.
 */
export const LIVE_NONCE = '00000000000000000000000000000000'
export const LIVE_CID = `bafyrei${'a'.repeat(52)}`

/** What is right just now, if anything. */
export interface Live {
  nonce?: string | undefined
  cid?: string | undefined
}

/** The frame with what is right just now in it; the lengths are the same. */
export function made(frame: Uint8Array, { nonce, cid }: Live): Uint8Array {
  let text = Buffer.from(frame).toString('latin1')
  if (nonce?.length === LIVE_NONCE.length) text = text.replaceAll(LIVE_NONCE, nonce)
  if (cid?.length === LIVE_CID.length) text = text.replaceAll(LIVE_CID, cid)
  return Uint8Array.from(Buffer.from(text, 'latin1'))
}
