import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { Ed25519PublicKey, PrivateKey } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { isOfSmallOrder } from './small-order.ts'
import { SODIUM, type Sodium } from './sodium.ts'

const SEED_BYTES = 32
const SIGNATURE_BYTES = 64
/** Signers remembered, those heard of last: more than there are nodes at a coordinator. */
const SIGNERS_REMEMBERED = 4096

interface Signer {
  /** As Node takes it: made when it is asked for first. */
  key: KeyObject | null
  peerId: string
}

/** By a key of libp2p the same as Node keeps it. */
const own = new WeakMap<PrivateKey, KeyObject>()

/**
 * Signs with libsodium where it is there, else with a key of Node's that is made ready once: libp2p does it for each signature, which takes
 * three times as long as signing. The signature is the same (RFC 8032, section 5.1.6, leaves nothing to chance).
 */
export async function signWith(key: PrivateKey, data: Uint8Array, sodium: Sodium | null = SODIUM): Promise<Uint8Array> {
  if (key.type !== 'Ed25519') return await key.sign(data)
  if (sodium !== null) {
    const signature = new Uint8Array(SIGNATURE_BYTES)
    sodium.crypto_sign_detached(signature, data, key.raw)
    return signature
  }
  const ready = own.get(key) ?? readyKey(key.raw)
  own.set(key, ready)
  return sign(null, data, ready)
}

/** Seed and public key (RFC 8032, section 5.1.5), one after the other as libp2p keeps them. */
function readyKey(raw: Uint8Array): KeyObject {
  const [d, x] = [raw.subarray(0, SEED_BYTES), raw.subarray(SEED_BYTES)].map((part) => Buffer.from(part).toString('base64url'))
  return createPrivateKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', d: d ?? '', x: x ?? '' } })
}

/** Names of public keys, and the keys in the form that verifies: made once for a signer, and not for each of its signatures. */
export class Signers {
  readonly #known = new Map<string, Signer>()
  readonly #sodium: Sodium | null

  constructor(sodium: Sodium | null = SODIUM) {
    this.#sodium = sodium
  }

  /**
   * The signer's peer id, or null when the signature is not of that key. Only who tries to makes keys and signatures of small order; some
   * versions of OpenSSL take them, others and libsodium do not. They count for nobody here, so that a verdict and an archive say the same
   * wherever they are read. For what is left the two agree; where libsodium refuses Node is asked all the same.
   */
  check(key: Ed25519PublicKey, data: Uint8Array, signature: Uint8Array): string | null {
    if (isOfSmallOrder(signature) || isOfSmallOrder(key.raw)) return null
    const signer = this.#signer(key)
    // In this thread: to wake another one for it, and to be woken, takes longer than it saves.
    return this.#isQuickly(key, data, signature) || verify(null, data, this.#ready(key, signer), signature) ? signer.peerId : null
  }

  /** Whether libsodium says that it is of that key. */
  #isQuickly(key: Ed25519PublicKey, data: Uint8Array, signature: Uint8Array): boolean {
    if (this.#sodium === null || signature.byteLength !== SIGNATURE_BYTES) return false
    return this.#sodium.crypto_sign_verify_detached(signature, data, key.raw)
  }

  #ready(key: Ed25519PublicKey, signer: Signer): KeyObject {
    signer.key ??= createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: nameOf(key) } })
    return signer.key
  }

  #signer(key: Ed25519PublicKey): Signer {
    const name = nameOf(key)
    const signer = this.#known.get(name) ?? { key: null, peerId: peerIdFromPublicKey(key).toString() }
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

function nameOf({ raw }: Ed25519PublicKey): string {
  return Buffer.from(raw).toString('base64url')
}
