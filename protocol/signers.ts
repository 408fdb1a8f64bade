import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { Ed25519PublicKey, PrivateKey } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'

const SEED_BYTES = 32
/** Signers remembered, those heard of last: more than there are nodes at a coordinator. */
const SIGNERS_REMEMBERED = 4096

interface Signer {
  key: KeyObject
  peerId: string
}

/** By a key of libp2p the same as Node keeps it. */
const own = new WeakMap<PrivateKey, KeyObject>()

/** Signs with a key that is made ready once: libp2p does it for each signature, which takes three times as long as signing. */
export async function signWith(key: PrivateKey, data: Uint8Array): Promise<Uint8Array> {
  if (key.type !== 'Ed25519') return await key.sign(data)
  const ready = own.get(key) ?? readyKey(key.raw)
  own.set(key, ready)
  return sign(null, data, ready)
}

/** Seed and public key (RFC 8032, section 5.1.5), one after the other as libp2p keeps them. */
function readyKey(raw: Uint8Array): KeyObject {
  const [d, x] = [raw.subarray(0, SEED_BYTES), raw.subarray(SEED_BYTES)].map((part) => Buffer.from(part).toString('base64url'))
  return createPrivateKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', d: d ?? '', x: x ?? '' } })
}

/** Public keys in the form that verifies, with their names: made once for a signer, and not for each of its signatures. */
export class Signers {
  readonly #known = new Map<string, Signer>()

  /** The signer's peer id, or null when the signature is not of that key. */
  check(key: Ed25519PublicKey, data: Uint8Array, signature: Uint8Array): string | null {
    const signer = this.#signer(key)
    // In this thread: to wake another one for it, and to be woken, takes longer than the 80 microseconds it saves.
    return verify(null, data, signer.key, signature) ? signer.peerId : null
  }

  #signer(key: Ed25519PublicKey): Signer {
    const name = Buffer.from(key.raw).toString('base64url')
    const known = this.#known.get(name)
    const signer = known ?? {
      key: createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: name } }),
      peerId: peerIdFromPublicKey(key).toString(),
    }
    this.#known.delete(name)
    this.#known.set(name, signer)
    if (this.#known.size > SIGNERS_REMEMBERED) this.#forgetOldest()
    return signer
  }

  #forgetOldest(): void {
    const [oldest = ''] = this.#known.keys()
    this.#known.delete(oldest)
  }
}
