import { access, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { PrivateKey } from '@libp2p/interface'
import {
  type CertificateError,
  certify,
  checkCertificate,
  loadIdentity,
  MAX_CERTIFICATE_BYTES,
  makeFolder,
  type Owner,
  peerIdOf,
  UsageError,
} from '../protocol/index.ts'
import { replaceFile } from './replace-file.ts'

/** Name of the certificate in a node's folder. */
const CERTIFICATE = 'owner.cert'

/** How long a certificate is to hold, counted from `now`, both in milliseconds. */
export interface Term {
  now: number
  forMs: number
}

/** A node, whose it is now, and whose it was said to be before. */
export interface Owned extends Owner {
  node: string
  before: string | null
}

/** An owner's key, made on first use. @throws UsageError `file` */
export async function ownerKey(file: string): Promise<{ key: PrivateKey; made: boolean }> {
  const made = await access(file).then(
    () => false,
    () => true,
  )
  return { key: await loadIdentity(file), made }
}

/** The peer id of the node in a folder; makes its key on first use. @throws UsageError `file` */
export async function nodeIn(data: string): Promise<string> {
  await makeFolder(data, { secret: true })
  return peerIdOf(await loadIdentity(join(data, 'node.key')))
}

/**
 * Certifies the node in a folder with an owner's key; from its next connection on it counts as that owner's.
 * @throws UsageError `file` when a file cannot be read or written, `option` when the term is too long
 */
export async function ownNode(key: PrivateKey, data: string, term: Term): Promise<Owned> {
  const node = await nodeIn(data)
  const expiresAt = term.now + term.forMs
  const bytes = await certify(key, node, { expiresAt, now: term.now })
  return await replaceCertificate(data, bytes, { node, owner: peerIdOf(key), expiresAt }, term.now)
}

/** Certifies a node that is elsewhere: the certificate goes to a file, to be imported there. @throws UsageError as `ownNode` */
export async function certifyTo(file: string, key: PrivateKey, node: string, term: Term): Promise<Owner> {
  const expiresAt = term.now + term.forMs
  await writeWhole(file, await certify(key, node, { expiresAt, now: term.now }))
  return { owner: peerIdOf(key), expiresAt }
}

/**
 * Takes over a certificate that was made elsewhere for the node in a folder.
 * @throws UsageError `file` when it cannot be read, or does not count for this node
 */
export async function importCertificate(file: string, data: string, now: number): Promise<Owned> {
  const node = await nodeIn(data)
  const bytes = await readUpTo(file)
  if (bytes === null) throw new UsageError('file', `${file}: no such file`)
  const owner = await checkCertificate(bytes, { node, now }).catch((error: CertificateError) => {
    throw new UsageError('file', `${file}: ${error.message}`)
  })
  return await replaceCertificate(data, bytes, { node, ...owner }, now)
}

async function replaceCertificate(data: string, bytes: Uint8Array, owner: Omit<Owned, 'before'>, now: number): Promise<Owned> {
  // One that does not count any more is no reason not to have a new one.
  const before = await ownerOf(data, now).catch(() => null)
  await writeWhole(join(data, CERTIFICATE), bytes)
  return { ...owner, before: before?.owner ?? null }
}

/** The certificate in a node's folder, unchecked, or null. @throws UsageError `file` when it is there and cannot be read */
export async function loadCertificate(data: string): Promise<Uint8Array | null> {
  return await readUpTo(join(data, CERTIFICATE))
}

/**
 * Who owns the node in a folder, by this machine's clock; null when nobody says so.
 * @throws CertificateError when there is a certificate that does not count
 */
export async function ownerOf(data: string, now: number): Promise<Owner | null> {
  const bytes = await loadCertificate(data)
  return bytes === null ? null : await checkCertificate(bytes, { node: await nodeIn(data), now })
}

/** A file's beginning, a little more than a certificate may have; null when there is none. */
async function readUpTo(file: string): Promise<Uint8Array | null> {
  try {
    await using handle = await open(file, 'r')
    const { bytesRead, buffer } = await handle.read(new Uint8Array(MAX_CERTIFICATE_BYTES + 1), 0, MAX_CERTIFICATE_BYTES + 1, 0)
    return buffer.subarray(0, bytesRead)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new UsageError('file', `${file}: cannot be read (${(error as Error).message})`)
  }
}

async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  await replaceFile(file, bytes).catch((error: Error) => {
    throw new UsageError('file', `${file}: cannot be written (${error.message})`)
  })
}
