/**
 * SHA-256 and Ed25519 from the browser where it has them. It has neither on a page that came over plain HTTP from another
 * machine, and old ones lack Ed25519: then a small library that lies beside this page does it, and the page says so.
 */

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/** @param {Bytes} bytes */
export async function sha256(bytes) {
  if (crypto.subtle !== undefined) return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return (await import('../vendor/hashes/sha2.js')).sha256(bytes)
}

/**
 * @param {{ key: Bytes, signature: Bytes, message: Bytes }} signed raw key of 32 bytes
 * @returns {Promise<{ valid: boolean, by: string }>}
 */
export async function verifyEd25519({ key, signature, message }) {
  const imported = await ownKey(key)
  if (imported !== null)
    return { valid: await crypto.subtle.verify('Ed25519', imported, signature, message), by: 'the browser’s WebCrypto' }
  const [{ hashes, verify }, { sha512 }] = await Promise.all([import('../vendor/ed25519.js'), import('../vendor/hashes/sha2.js')])
  hashes.sha512 = sha512
  return { valid: verify(signature, message, key, { zip215: false }), by: 'the library noble-ed25519, since this browser cannot' }
}

/**
 * Null where the browser knows no Ed25519. A key it knows to be none fails in the check that follows, not here.
 * @param {Bytes} key
 */
async function ownKey(key) {
  if (crypto.subtle === undefined) return null
  return await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']).catch(() => null)
}
