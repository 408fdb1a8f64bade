import { hash } from 'node:crypto'
import { z } from 'zod'
import { base32Text } from './base32.ts'

const CODECS = { 'dag-cbor': 0x71, raw: 0x55 } as const
export type Codec = keyof typeof CODECS

/** Multihash code and length of SHA-256. */
const SHA2_256 = 0x12
const DIGEST_BYTES = 32

/** What the names of raw bytes begin with: version and codec. */
const RAW_PREFIX = 'bafk'

/** A CID as text: version 1, SHA-256, base32. The only form in which content is named on the wire, in the store and in files. */
export const CidText = z.string().regex(/^baf[a-z2-7]{56}$/, 'expected a CID (version 1, SHA-256, base32)')

/** Names bytes by their SHA-256: the CID's bytes put together here, since a coordinator does it a dozen times for each verdict. */
export async function cidOf(bytes: Uint8Array, codec: Codec): Promise<string> {
  const cid = new Uint8Array(4 + DIGEST_BYTES)
  cid.set([1, CODECS[codec], SHA2_256, DIGEST_BYTES])
  cid.set(hash('sha256', bytes, 'buffer'), 4)
  return base32Text(cid)
}

/** Whether bytes are what the CID names. */
export async function holds(cid: string, bytes: Uint8Array): Promise<boolean> {
  const codec = cid.startsWith(RAW_PREFIX) ? 'raw' : 'dag-cbor'
  return (await cidOf(bytes, codec)) === cid
}
