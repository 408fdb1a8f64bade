import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { pureJsCrypto } from '@chainsafe/libp2p-noise'
import { Uint8ArrayList } from 'uint8arraylist'
import { ciphersWith } from '../../protocol/ciphers.ts'
import { SODIUM } from '../../protocol/sodium.ts'

const TAG_BYTES = 16

/** The library's own type of lists is one of another version. */
function inPieces(bytes: Uint8Array): Uint8Array {
  const half = bytes.length >> 1
  return new Uint8ArrayList(bytes.subarray(0, half), bytes.subarray(half)) as unknown as Uint8Array
}

for (const [name, ciphers] of [
  ['libsodium, where it is there', ciphersWith(SODIUM)],
  ['Node and WebAssembly', ciphersWith(null)],
] as const) {
  describe(`ciphers of ${name}`, () => {
    it('frames are what the library makes of them, of any size, in pieces or not, under several keys in turns', () => {
      const keys = [randomBytes(32), randomBytes(32)]
      for (const bytes of [0, 1, 783, 784, 799, 800, 801, 2_000, 65_519]) {
        for (const key of [...keys, ...keys]) {
          const [nonce, said, text] = [randomBytes(12), randomBytes(32), randomBytes(bytes)]
          const frame = pureJsCrypto.chaCha20Poly1305Encrypt(text, nonce, said, key).subarray()
          assert.equal(frame.length, bytes + TAG_BYTES)
          for (const given of [text, inPieces(text)])
            assert.deepEqual(Buffer.from(ciphers.chaCha20Poly1305Encrypt(given, nonce, said, key).subarray()), Buffer.from(frame))
          for (const given of [frame, inPieces(frame)])
            assert.deepEqual(Buffer.from(ciphers.chaCha20Poly1305Decrypt(given, nonce, said, key).subarray()), text)
        }
      }
    })

    it('a frame that was changed, or is of another key, nonce or handshake, is refused', () => {
      for (const bytes of [100, 2_000]) {
        const [key, nonce, said, text] = [randomBytes(32), randomBytes(12), randomBytes(32), randomBytes(bytes)]
        const frame = Buffer.from(ciphers.chaCha20Poly1305Encrypt(text, nonce, said, key).subarray())
        for (const at of [0, bytes - 1, bytes, frame.length - 1]) {
          const changed = Buffer.from(frame)
          changed[at] = (changed[at] as number) ^ 1
          assert.throws(() => ciphers.chaCha20Poly1305Decrypt(changed, nonce, said, key), `byte ${at} of ${bytes}`)
        }
        assert.throws(() => ciphers.chaCha20Poly1305Decrypt(frame, nonce, said, randomBytes(32)))
        assert.throws(() => ciphers.chaCha20Poly1305Decrypt(frame, randomBytes(12), said, key))
        assert.throws(() => ciphers.chaCha20Poly1305Decrypt(frame, nonce, randomBytes(32), key))
      }
    })
  })
}
