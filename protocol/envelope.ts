import type { PrivateKey } from '@libp2p/interface'
import { RecordEnvelope } from '@libp2p/peer-record'
import { varint } from 'multiformats'
import type { z } from 'zod'
import { decodeCanonical, encodeCanonical } from './canonical.ts'
import { cidOf } from './content.ts'
import { ProtocolError } from './errors.ts'
import { Signers, signWith } from './signers.ts'

/**
 * A statement somebody signed: libp2p's signed envelope around canonical dag-cbor. The domain keeps a signature made
 * for one purpose from being used for another. Only `seal` and `open` make and read signatures.
 */
export const DOMAINS = {
  verdict: 'kernelswarm-verdict',
  archive: 'kernelswarm-archive',
  owner: 'kernelswarm-owner',
  announcement: 'kernelswarm-announcement',
  receipt: 'kernelswarm-receipt',
} as const
export type Domain = (typeof DOMAINS)[keyof typeof DOMAINS]

/** The payload type of every envelope of ours: canonical dag-cbor (multicodec 0x71 as a varint). */
const DAG_CBOR = Uint8Array.of(0x71)

/** Only what follows from keys is kept here, so one will do for the process. */
const signers = new Signers()

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
  const statement = { payloadType: DAG_CBOR, payload }
  const signature = await signWith(key, signedBytes(domain, statement))
  return new RecordEnvelope({ publicKey: key.publicKey, ...statement, signature }).marshal()
}

/**
 * Checks signature, domain, canonical form and schema.
 * @throws ProtocolError `signature`, `malformed`, `not-canonical` or `schema`
 */
export async function open<T>(envelope: Uint8Array, domain: Domain, schema: z.ZodType<T>): Promise<Opened<T>> {
  const record = readEnvelope(envelope)
  if (record.publicKey.type !== 'Ed25519')
    throw new ProtocolError('signature', `key type ${record.publicKey.type} is not Ed25519`)
  const signer = signers.check(record.publicKey, signedBytes(domain, record), record.signature)
  if (signer === null) throw new ProtocolError('signature', `envelope not valid for ${domain}`)
  if (Buffer.compare(record.payloadType, DAG_CBOR) !== 0) throw new ProtocolError('signature', 'payload is not dag-cbor')
  const parsed = schema.safeParse(decodeCanonical(record.payload))
  if (!parsed.success)
    throw new ProtocolError('schema', `signed statement: ${parsed.error.issues[0]?.message ?? 'not as expected'}`)
  return {
    signer,
    value: parsed.data,
    payloadCid: await cidOf(record.payload, 'dag-cbor'),
  }
}

function readEnvelope(envelope: Uint8Array): RecordEnvelope {
  try {
    return RecordEnvelope.createFromProtobuf(envelope)
  } catch (error) {
    throw new ProtocolError('signature', `no envelope: ${(error as Error).message}`)
  }
}

/** What a signed envelope signs (libp2p RFC 0002): domain, payload type and payload, each after its length as a varint. */
function signedBytes(domain: string, { payloadType, payload }: Pick<RecordEnvelope, 'payloadType' | 'payload'>): Uint8Array {
  const length = ({ byteLength }: Uint8Array) => varint.encodeTo(byteLength, new Uint8Array(varint.encodingLength(byteLength)))
  return Buffer.concat([Buffer.from(domain), payloadType, payload].flatMap((part) => [length(part), part]))
}
