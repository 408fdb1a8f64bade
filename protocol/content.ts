import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { z } from 'zod'

const CODECS = { 'dag-cbor': 0x71, raw: 0x55 } as const
export type Codec = keyof typeof CODECS

/** A CID as text: version 1, SHA-256, base32. The only form in which content is named on the wire, in the store and in files. */
export const CidText = z.string().regex(/^baf[a-z2-7]{56}$/, 'expected a CID (version 1, SHA-256, base32)')

/** Names bytes by their SHA-256. */
export async function cidOf(bytes: Uint8Array, codec: Codec): Promise<string> {
  return CID.createV1(CODECS[codec], await sha256.digest(bytes)).toString()
}

/** Whether bytes are what the CID names. */
export async function holds(cid: string, bytes: Uint8Array): Promise<boolean> {
  const parsed = CID.parse(cid)
  const digest = await sha256.digest(bytes)
  return Buffer.compare(Buffer.from(parsed.multihash.digest), Buffer.from(digest.digest)) === 0
}
