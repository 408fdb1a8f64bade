import type { PrivateKey } from '@libp2p/interface'
import { z } from 'zod'
import { CidText } from './content.ts'
import { DOMAINS, open, seal } from './envelope.ts'
import { ProtocolError } from './errors.ts'
import { MAX_ASKED } from './limits.ts'

/** An assignment by its nonce, and the verdict that was returned for it by the name of its payload. */
export const Receipted = z.strictObject({ nonce: z.string().max(64), verdict: CidText })
export type Receipted = z.infer<typeof Receipted>

/**
 * What a coordinator signs about a node's work: "these verdicts of yours I have, they were in time and of the right form". It
 * says nothing of what was decided: that is told apart, and may still change under a confidence policy.
 */
export const Receipt = z.strictObject({
  v: z.literal(1),
  /** Peer id of the node. */
  node: z.string().max(128),
  /** When it was signed, milliseconds since 1970 by the coordinator's clock. */
  at: z.int().nonnegative(),
  verdicts: z.array(Receipted).min(1).max(MAX_ASKED),
})
export type Receipt = z.infer<typeof Receipt>

/** Signs for accepted verdicts with the coordinator's key. */
export async function signReceipt(key: PrivateKey, receipt: Receipt): Promise<Uint8Array> {
  return await seal(receipt, DOMAINS.receipt, key)
}

/**
 * Checks a receipt: its signature, domain and form, and that it is of this coordinator and for this node.
 * @throws ProtocolError `signature`, `malformed`, `not-canonical` or `schema`
 */
export async function checkReceipt(bytes: Uint8Array, of: { coordinator: string; node: string }): Promise<Receipt> {
  const { signer, value } = await open(bytes, DOMAINS.receipt, Receipt)
  if (signer !== of.coordinator)
    throw new ProtocolError('signature', `the receipt is signed by ${signer}, not by ${of.coordinator}`)
  if (value.node !== of.node) throw new ProtocolError('signature', `the receipt is for ${value.node}, not for ${of.node}`)
  return value
}
