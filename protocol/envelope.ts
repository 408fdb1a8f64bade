import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { RecordEnvelope } from '@libp2p/peer-record'
import type { z } from 'zod'
import { decodeCanonical, encodeCanonical } from './canonical.ts'
import { cidOf } from './content.ts'
import { ProtocolError } from './errors.ts'

/**
 * A statement somebody signed: libp2p's signed envelope around canonical dag-cbor. The domain keeps a signature made
 * for one purpose from being used for another. Only `seal` and `open` make and read signatures.
 */
export const DOMAINS = {
  verdict: 'kernelswarm-verdict',
  archive: 'kernelswarm-archive',
  owner: 'kernelswarm-owner',
} as const
export type Domain = (typeof DOMAINS)[keyof typeof DOMAINS]

/** The payload type of every envelope of ours: canonical dag-cbor (multicodec 0x71 as a varint). */
const DAG_CBOR = Uint8Array.of(0x71)

/** A statement whose signature and form have been checked. Made by `open` alone. */
export interface Opened<T> {
  /** The signer's peer id. */
  signer: string
  value: T
  /** Names the statement: an envelope can be wrapped again, its payload cannot. */
  payloadCid: string
}

/** Signs a value with a key for one domain; returns the envelope's bytes. */
export async function seal(value: unknown, domain: Domain, key: PrivateKey): Promise<Uint8Array> {
  const payload = encodeCanonical(value)
  const record = { domain, codec: DAG_CBOR, marshal: () => payload, equals: () => false }
  return (await RecordEnvelope.seal(record, key)).marshal()
}

/**
 * Checks signature, domain, canonical form and schema.
 * @throws ProtocolError `signature`, `malformed`, `not-canonical` or `schema`
 */
export async function open<T>(envelope: Uint8Array, domain: Domain, schema: z.ZodType<T>): Promise<Opened<T>> {
  const record = await RecordEnvelope.openAndCertify(envelope, domain).catch((error: Error) => {
    throw new ProtocolError('signature', `envelope not valid for ${domain}: ${error.message}`)
  })
  if (Buffer.compare(record.payloadType, DAG_CBOR) !== 0) throw new ProtocolError('signature', 'payload is not dag-cbor')
  if (record.publicKey.type !== 'Ed25519')
    throw new ProtocolError('signature', `key type ${record.publicKey.type} is not Ed25519`)
  const parsed = schema.safeParse(decodeCanonical(record.payload))
  if (!parsed.success)
    throw new ProtocolError('schema', `signed statement: ${parsed.error.issues[0]?.message ?? 'not as expected'}`)
  return {
    signer: peerIdFromPublicKey(record.publicKey).toString(),
    value: parsed.data,
    payloadCid: await cidOf(record.payload, 'dag-cbor'),
  }
}
