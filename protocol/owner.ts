import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { z } from 'zod'
import { DOMAINS, open, seal } from './envelope.ts'
import { KernelswarmError, ProtocolError, UsageError } from './errors.ts'
import { CERTIFICATE_CLOCK_MS, MAX_CERTIFICATE_BYTES, MAX_CERTIFICATE_MS } from './limits.ts'

/**
 * What an owner signs about a node: "its verdicts are mine". The signature is the owner's, the node is named by its peer
 * id, and that it agrees is seen from its showing the certificate on a connection of its own key.
 */
export const OwnerCertificate = z.strictObject({
  v: z.literal(1),
  /** Peer id of the node. */
  node: z.string().max(128),
  /** Milliseconds since 1970; what counts is the coordinator's clock. */
  expiresAt: z.int().positive(),
})
export type OwnerCertificate = z.infer<typeof OwnerCertificate>

/** Why a certificate does not count. */
export const CertificateCode = z.enum([
  /** Too long, not canonical, or not a certificate. */
  'certificate-form',
  /** Not signed for this purpose, or changed after it was signed. */
  'certificate-signature',
  /** It is another node's. */
  'certificate-node',
  'certificate-expired',
  /** It would hold for longer than any may. */
  'certificate-term',
])
export type CertificateCode = z.infer<typeof CertificateCode>

/** A certificate that does not count; the message is one line for the node's owner. */
export class CertificateError extends KernelswarmError<CertificateCode> {}

/** A checked certificate: who owns the node, and until when. */
export interface Owner {
  /** The owner key's peer id. */
  owner: string
  expiresAt: number
}

/**
 * Certifies a node with an owner's key.
 * @param node the node's peer id
 * @param term when it ends, milliseconds since 1970, and what time it is
 * @throws UsageError `option` when that is no peer id, or the term is over or too long
 */
export async function certify(key: PrivateKey, node: string, { expiresAt, now }: { expiresAt: number; now: number }) {
  if (!isPeerId(node)) throw new UsageError('option', `${node}: not a node's peer id; expected something like 12D3Koo...`)
  if (expiresAt <= now || expiresAt - now > MAX_CERTIFICATE_MS) {
    throw new UsageError('option', `a certificate holds for at most ${days(MAX_CERTIFICATE_MS)} days, and ends in the future`)
  }
  return await seal({ v: 1, node, expiresAt } satisfies OwnerCertificate, DOMAINS.owner, key)
}

/**
 * Checks a certificate: its size, signature, domain and form, that it is this node's, and that it holds now.
 * @param where the node that shows it, and the time by the clock of who checks
 * @throws CertificateError
 */
export async function checkCertificate(bytes: Uint8Array, { node, now }: { node: string; now: number }): Promise<Owner> {
  if (bytes.byteLength > MAX_CERTIFICATE_BYTES) {
    throw new CertificateError(
      'certificate-form',
      `the owner's certificate has ${bytes.byteLength} bytes; at most ${MAX_CERTIFICATE_BYTES} are read`,
    )
  }
  const { signer, value } = await open(bytes, DOMAINS.owner, OwnerCertificate).catch(asCertificateError)
  if (value.node !== node) {
    throw new CertificateError('certificate-node', `the owner's certificate is for another node than this one, ${node}`)
  }
  if (value.expiresAt <= now) {
    throw new CertificateError(
      'certificate-expired',
      `the owner's certificate ended at ${instant(value.expiresAt)}; here it is ${instant(now)}`,
    )
  }
  if (value.expiresAt - now > MAX_CERTIFICATE_MS + CERTIFICATE_CLOCK_MS) {
    throw new CertificateError(
      'certificate-term',
      `the owner's certificate would hold for more than ${days(MAX_CERTIFICATE_MS)} days from ${instant(now)}`,
    )
  }
  return { owner: signer, expiresAt: value.expiresAt }
}

function isPeerId(text: string): boolean {
  try {
    return peerIdFromString(text).type === 'Ed25519'
  } catch {
    return false
  }
}

function asCertificateError(error: Error): never {
  if (error instanceof ProtocolError && error.code === 'signature') {
    throw new CertificateError('certificate-signature', "the owner's certificate carries no valid signature of an owner's key")
  }
  throw new CertificateError('certificate-form', "the owner's certificate cannot be read as one")
}

/** Words only: a date no calendar has must not become an error of another kind. */
function instant(at: number): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? 'no date' : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

function days(ms: number): number {
  return Math.floor(ms / 86_400_000)
}
