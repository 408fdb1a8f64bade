import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { hashes, Point } from '@noble/ed25519'
import { Signers, signWith } from '../../protocol/signers.ts'
import { isOfSmallOrder } from '../../protocol/small-order.ts'
import { SODIUM } from '../../protocol/sodium.ts'

/** Of the group that the base point makes (RFC 8032, section 5.1). */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n
/** Of order 8, as it is written. */
const TORSION = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'

hashes.sha512 = sha512

/** Where there is no libsodium both are Node's. */
const KINDS = [
  ['with libsodium, where it is there', SODIUM],
  ['with Node alone', null],
] as const

describe('signatures', () => {
  it('are by libsodium where its package has something built for this system', () => {
    const isInstalled =
      ['x64', 'arm64'].includes(process.arch) && existsSync(new URL('../../node_modules/sodium-native', import.meta.url))
    assert.equal(SODIUM !== null, isInstalled)
  })

  it('and keys that are of small order are known', () => {
    const torsion = Point.fromHex(TORSION)
    for (const times of [1n, 2n, 3n, 4n, 5n, 6n, 7n]) assert.ok(isOfSmallOrder(torsion.multiply(times).toBytes()), `${times}`)
    assert.ok(isOfSmallOrder(Point.ZERO.toBytes()))
    // Not as it should be written: p, p + 1, and both signs where x is 0.
    for (const first of ['ed', 'ee'])
      for (const last of ['7f', 'ff']) assert.ok(isOfSmallOrder(Buffer.from(`${first}${'ff'.repeat(30)}${last}`, 'hex')))
    assert.ok(isOfSmallOrder(Buffer.from(`01${'00'.repeat(30)}80`, 'hex')))
    for (const times of [1n, 2n, 3n, 8n]) {
      assert.ok(!isOfSmallOrder(Point.BASE.multiply(times).toBytes()))
      assert.ok(!isOfSmallOrder(Point.BASE.multiply(times).add(torsion).toBytes()))
    }
    for (const bytes of [0, 1, 31]) assert.ok(!isOfSmallOrder(Buffer.alloc(bytes, 0xec)))
  })

  it('are the same with and without libsodium, and as libp2p makes them', async () => {
    const key = await generateKeyPair('Ed25519')
    for (const bytes of [0, 1, 400, 70_000]) {
      const data = randomBytes(bytes)
      const expected = Buffer.from(await key.sign(data))
      for (const [name, sodium] of KINDS) assert.deepEqual(Buffer.from(await signWith(key, data, sodium)), expected, name)
    }
  })

  for (const [name, sodium] of KINDS) {
    it(`are of their key, and of what was signed, or of nobody (${name})`, async () => {
      const key = await generateKeyPair('Ed25519')
      const other = await generateKeyPair('Ed25519')
      const data = randomBytes(400)
      const signature = await signWith(key, data, sodium)
      const signers = new Signers(sodium)
      // Twice: the second time the signer is known.
      for (const _ of [1, 2]) {
        assert.match(signers.check(key.publicKey, data, signature) ?? 'refused', /^12D3/)
        assert.equal(signers.check(other.publicKey, data, signature), null)
        assert.equal(signers.check(key.publicKey, randomBytes(400), signature), null)
        for (const at of [0, 31, 32, 63])
          assert.equal(signers.check(key.publicKey, data, changed(signature, at)), null, `byte ${at}`)
        for (const bytes of [0, 63, 65])
          assert.equal(signers.check(key.publicKey, data, randomBytes(bytes)), null, `${bytes} bytes`)
      }
    })

    // A signer can make such ones. They have to count for all who read a verdict or for none.
    it(`made to be taken by one implementation only count alike (${name})`, async () => {
      const key = await generateKeyPair('Ed25519')
      const data = randomBytes(100)
      const signers = new Signers(sodium)
      const usual = Point.BASE.multiply(5n).toBytes()
      assert.notEqual(signers.check(key.publicKey, data, signatureFrom(key, data, usual, 5n)), null, 'as usual')
      const beside = Point.BASE.multiply(5n).add(Point.fromHex(TORSION)).toBytes()
      assert.equal(
        signers.check(key.publicKey, data, signatureFrom(key, data, beside, 5n)),
        null,
        'the first half is off by a point of order 8',
      )
      const neutral = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)])
      assert.equal(
        signers.check(key.publicKey, data, signatureFrom(key, data, neutral, 0n)),
        null,
        'the first half is the neutral element',
      )
    })
  }
})

function changed(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[at] = (copy[at] as number) ^ 1
  return copy
}

/** Section 5.1.6, with a first half that is given, and the number it is to be of. */
function signatureFrom({ raw, publicKey }: Ed25519PrivateKey, data: Uint8Array, first: Uint8Array, of: bigint): Uint8Array {
  const half = sha512(raw.subarray(0, 32)).subarray(0, 32)
  half[0] = (half[0] as number) & 248
  half[31] = ((half[31] as number) & 127) | 64
  const challenge = number(sha512(Buffer.concat([first, publicKey.raw, data])))
  const second = (of + challenge * number(half)) % ORDER
  return Buffer.concat([first, Buffer.from(second.toString(16).padStart(64, '0'), 'hex').reverse()])
}

function sha512(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha512').update(bytes).digest())
}

/** The first byte is the lowest. */
function number(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}
