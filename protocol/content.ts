import { hash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { Digest } from 'multiformats/hashes/digest'
import { z } from 'zod'
import { base32Bytes, base32Text } from './base32.ts'
import { ProtocolError } from './errors.ts'

const CODECS = { 'dag-cbor': 0x71, raw: 0x55 } as const
export type Codec = keyof typeof CODECS

/** Multihash code and length of SHA-256. */
const SHA2_256 = 0x12
const DIGEST_BYTES = 32
/** Version, codec, and what kind of digest it is, then the digest. */
export const CID_BYTES = 4 + DIGEST_BYTES

/** What the names of raw bytes begin with: version and codec. */
const RAW_PREFIX = 'bafk'

/** A CID as text: version 1, SHA-256, base32. The only form in which content is named on the wire, in the store and in files. */
export const CidText = z.string().regex(/^baf[a-z2-7]{56}$/, 'expected a CID (version 1, SHA-256, base32)')

/** Names bytes by their SHA-256: the CID's bytes put together here, since a coordinator does it a dozen times for each verdict. */
export async function cidOf(bytes: Uint8Array, codec: Codec): Promise<string> {
  const cid = new Uint8Array(CID_BYTES)
  cid.set([1, CODECS[codec], SHA2_256, DIGEST_BYTES])
  cid.set(hash('sha256', bytes, 'buffer'), 4)
  return base32Text(cid)
}

/** Whether bytes are a CID as contents have it: version 1, of raw bytes or dag-cbor, by SHA-256. */
export function isCid(bytes: Uint8Array): boolean {
  const [version, codec, code, length] = bytes
  const isOfContent = version === 1 && (codec === CODECS.raw || codec === CODECS['dag-cbor'])
  return isOfContent && code === SHA2_256 && length === DIGEST_BYTES && bytes.length === CID_BYTES
}

/**
 * The bytes of a CID: version, codec, and the multihash.
 * @throws ProtocolError `malformed` when no content can have that name; some texts that are `CidText` are such
 */
export function cidBytes(cid: string): Uint8Array<ArrayBuffer> {
  const bytes = base32Bytes(cid)
  if (!isCid(bytes)) {
    throw new ProtocolError('malformed', `not a CID (version 1, SHA-256, base32): ${JSON.stringify(cid.slice(0, CID_BYTES))}`)
  }
  return bytes
}

/**
 * A CID as dag-cbor and CAR take it. `CID.parse` gives the same and keeps the text beside it, which takes several times as long; an archive
 * has a dozen for each verdict.
 * @throws ProtocolError `malformed` when no content can have that name
 */
export function linkOf(cid: string): CID {
  const bytes = cidBytes(cid)
  const multihash = new Digest(SHA2_256, DIGEST_BYTES, bytes.subarray(4), bytes.subarray(2))
  return new CID(1, bytes[1] as number, multihash, bytes)
}

/** Whether bytes are what the CID names. */
export async function holds(cid: string, bytes: Uint8Array): Promise<boolean> {
  const codec = cid.startsWith(RAW_PREFIX) ? 'raw' : 'dag-cbor'
  return (await cidOf(bytes, codec)) === cid
}
