import { createSecretKey, type KeyObject } from 'node:crypto'
import { asCrypto, defaultCrypto, nodeCrypto } from '@chainsafe/libp2p-noise/crypto'
import { SODIUM, type Sodium } from './sodium.ts'

export type Ciphers = typeof defaultCrypto

/** From so many bytes on, Node's own cipher takes less time than the one in WebAssembly. */
const LARGE_BYTES = 800
/** What a ciphertext is longer by. */
const TAG_BYTES = 16

/** By a connection's key, the same as Node keeps it. A connection that ends takes its own with it. */
const known = new WeakMap<Uint8Array, KeyObject>()

/**
 * The ciphers noise uses, with the keys of its connections handed to Node as what they are. Given as bytes, Node finds out by an
 * exception that they are no key object, for every frame: 50 us of a frame of 2,000 bytes, where encrypting it takes 12.
 */
const OF_NODE: Ciphers = {
  ...defaultCrypto,
  chaCha20Poly1305Encrypt: (plaintext, nonce, ad, key) =>
    plaintext.byteLength < LARGE_BYTES
      ? asCrypto.chaCha20Poly1305Encrypt(plaintext, nonce, ad, key)
      : nodeCrypto.chaCha20Poly1305Encrypt(plaintext, nonce, ad, keyOf(key)),
  chaCha20Poly1305Decrypt: (ciphertext, nonce, ad, key, into) =>
    ciphertext.byteLength < LARGE_BYTES
      ? asCrypto.chaCha20Poly1305Decrypt(ciphertext, nonce, ad, key, into)
      : nodeCrypto.chaCha20Poly1305Decrypt(ciphertext, nonce, ad, keyOf(key), into),
}

/** The ciphers noise uses. */
export const CIPHERS: Ciphers = ciphersWith(SODIUM)

/**
 * The same with libsodium where it is there: a frame of 1,500 bytes takes 5 us for 12 to 15. Each has memory of its own: a few bytes of one
 * that somebody keeps, or that wait for a slow peer, would else keep all that they share it with.
 */
export function ciphersWith(sodium: Sodium | null): Ciphers {
  if (sodium === null) return OF_NODE
  return {
    ...defaultCrypto,
    chaCha20Poly1305Encrypt(plaintext, nonce, ad, key) {
      const from = plaintext.subarray()
      const into = Buffer.allocUnsafeSlow(from.byteLength + TAG_BYTES)
      sodium.crypto_aead_chacha20poly1305_ietf_encrypt(into, from, ad, null, nonce, key)
      return into
    },
    chaCha20Poly1305Decrypt(ciphertext, nonce, ad, key) {
      const from = ciphertext.subarray()
      const into = Buffer.allocUnsafeSlow(from.byteLength - TAG_BYTES)
      sodium.crypto_aead_chacha20poly1305_ietf_decrypt(into, null, from, ad, nonce, key)
      return into
    },
  }
}

/** What Node's ciphers take as well as bytes, though noise's types name only these. */
function keyOf(bytes: Uint8Array): Uint8Array {
  const key = known.get(bytes) ?? createSecretKey(bytes)
  known.set(bytes, key)
  return key as unknown as Uint8Array
}
