import { createRequire } from 'node:module'

/**
 * What is used of libsodium, which signs, verifies and encrypts in half the time that Node's OpenSSL takes, and leaves no cipher behind for
 * the collector each time. Lengths are those of Ed25519 (RFC 8032) and of ChaCha20-Poly1305 as the IETF has it (RFC 8439).
 */
export interface Sodium {
  /** @param secretKey seed and public key, one after the other */
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void
  /** Stricter than RFC 8032 asks: refuses keys, and first halves of signatures, of small order. Whatever it accepts OpenSSL accepts. */
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
  crypto_aead_chacha20poly1305_ietf_encrypt(
    into: Uint8Array,
    plaintext: Uint8Array,
    additional: Uint8Array,
    none: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number
  /** @throws Error where it was not encrypted with this key, or was changed */
  crypto_aead_chacha20poly1305_ietf_decrypt(
    into: Uint8Array,
    none: null,
    ciphertext: Uint8Array,
    additional: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number
}

/**
 * Null where its package is not installed (it is optional) or has nothing built for this system, as for one with another C library than
 * glibc: Node's own does then.
 */
export const SODIUM: Sodium | null = load()

function load(): Sodium | null {
  try {
    return createRequire(import.meta.url)('sodium-native')
  } catch {
    return null
  }
}
