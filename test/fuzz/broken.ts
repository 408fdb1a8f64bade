import fc from 'fast-check'
import { encodeCanonical, MAX_MESSAGE_BYTES } from '../../protocol/index.ts'
import { framed } from '../support/framed.ts'
import { LIVE_CID, LIVE_NONCE } from './live.ts'

const ODD_VALUES: unknown[] = [
  null,
  true,
  -1,
  0,
  2 ** 31,
  2 ** 53 - 1,
  -(2 ** 53 - 1),
  1.5,
  -0,
  1e308,
  5e-324,
  '',
  'x'.repeat(70_000),
  '\u0000',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  LIVE_NONCE,
  LIVE_CID,
  [],
  Array(300).fill(LIVE_NONCE),
  {},
  { t: 'hello' },
  new Uint8Array(0),
  new Uint8Array(300_000),
]

/** Pieces of CBOR that no encoder of ours makes. */
const ODD_CBOR = [
  'a2616201616101',
  'a2617461746174617a',
  '1801',
  '1bffffffffffffffff',
  '3bffffffffffffffff',
  '9f01ff',
  'bf616101ff',
  '5f42010243030405ff',
  '7f657374726561646d696e67ff',
  'f7',
  'f6',
  'f97e00',
  'fa7fc00000',
  'fb7ff0000000000000',
  'c101',
  'd82a4100',
  'd82a58250001711220',
  'a1005ff',
  '9bffffffffffffffff',
  'bbffffffffffffffff',
  '5bffffffffffffffff',
  '7bffffffffffffffff',
  '62c328',
  'a1f6f6',
  'a163617264f6',
  'ff',
  '1c',
  'fc',
].map((hex) => Buffer.from(hex.length % 2 === 0 ? hex : `${hex}0`, 'hex'))

/** A field, wherever it stands, becomes something else; or one is lost, or added. */
const changes = fc.record({
  way: fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 4 }),
  how: fc.constantFrom('replace', 'remove', 'add'),
  value: fc.oneof(fc.constantFrom(...ODD_VALUES), fc.uint8Array({ maxLength: 16 }), fc.string(), fc.maxSafeInteger()),
})
type Change = typeof changes extends fc.Arbitrary<infer C> ? C : never

function changed(value: unknown, { way, how, value: put }: Change, depth = 0): unknown {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return put
  const keys = Object.keys(value)
  const step = way[depth]
  if (step === undefined && how === 'add') return Array.isArray(value) ? [...value, put] : { ...value, more: put }
  if (step === undefined || keys.length === 0) return put
  const key = keys[step % keys.length] as string
  const last = depth === way.length - 1
  const inner = (value as Record<string, unknown>)[key]
  if (last && how === 'remove') {
    if (Array.isArray(value)) return value.filter((_, at) => String(at) !== key)
    return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
  }
  const next = last && how === 'replace' ? put : changed(inner, { way, how, value: put }, depth + 1)
  if (Array.isArray(value)) return value.map((one, at) => (String(at) === key ? next : one))
  return { ...value, [key]: next }
}

const edits = fc.array(
  fc.record({
    at: fc.nat({ max: 1_000_000 }),
    how: fc.constantFrom('flip', 'set', 'insert', 'cut', 'double', 'drop'),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }),
  }),
  { minLength: 1, maxLength: 4 },
)
type Edits = typeof edits extends fc.Arbitrary<infer E> ? E : never

/** Bytes with some edits done to them, one after the other. */
export function edited(bytes: Uint8Array, edits: Edits): Uint8Array {
  let now = Buffer.from(bytes)
  for (const { at, how, bytes: put } of edits) {
    const place = now.length === 0 ? 0 : at % now.length
    const [before, after] = [now.subarray(0, place), now.subarray(place)]
    const first = put[0] as number
    if (how === 'flip' && now.length > 0) now[place] = (now[place] as number) ^ (1 << (first % 8))
    if (how === 'set' && now.length > 0) now[place] = first
    if (how === 'insert') now = Buffer.concat([before, put, after])
    if (how === 'cut') now = Buffer.from(before)
    if (how === 'double') now = Buffer.concat([before, after.subarray(0, first), after])
    if (how === 'drop') now = Buffer.concat([before, after.subarray(put.length)])
  }
  return Uint8Array.from(now)
}

/** Bytes near some that are right, and others. */
export function nearBytes(right: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    { weight: 1, arbitrary: right },
    { weight: 8, arbitrary: fc.tuple(right, edits).map(([bytes, some]) => edited(bytes, some)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 512 }) },
    { weight: 1, arbitrary: oddCbor },
  )
}

const oddCbor = fc.oneof(
  fc.constantFrom(...ODD_CBOR.map((bytes) => Uint8Array.from(bytes))),
  fc.tuple(fc.integer({ min: 1, max: 30_000 }), fc.constantFrom(0x81, 0xa1, 0xd8, 0x9f)).map(([depth, head]) => {
    return Uint8Array.from(Buffer.concat([Buffer.alloc(depth, head), Buffer.of(1)]))
  }),
)

/** What goes onto a stream in place of a message: frames that are right, frames that are not, and no frames at all. */
export function frames(values: fc.Arbitrary<unknown>): fc.Arbitrary<Uint8Array> {
  const encoded = values.map(encodeCanonical)
  return fc.oneof(
    { weight: 6, arbitrary: encoded.map((bytes) => framed(bytes)) },
    { weight: 5, arbitrary: fc.tuple(values, changes).map(([value, change]) => framed(encodeCanonical(changed(value, change)))) },
    { weight: 4, arbitrary: nearBytes(encoded).map((bytes) => framed(bytes)) },
    { weight: 1, arbitrary: fc.tuple(encoded, fc.nat({ max: 2 * MAX_MESSAGE_BYTES })).map(([bytes, n]) => framed(bytes, n)) },
    { weight: 1, arbitrary: fc.oneof(fc.constant(Uint8Array.of(0)), fc.uint8Array({ minLength: 1, maxLength: 64 })) },
  )
}
