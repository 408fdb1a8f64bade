import { setPriority } from 'node:os'
import { parseAddress } from '../../../protocol/index.ts'
import { from, usePlaces } from '../../support/places.ts'
import { ATTACKS, tried } from './attacks.ts'

/** What a process of hostile peers is told. */
export type Told = { t: 'begin'; address: string; peers: number; net: number; only: string | null } | { t: 'end' }

// They are on other machines: what they take of this one's processors is nothing that a coordinator can do about.
setPriority(19)
usePlaces()
/** What it says when that is done: how often its peers have tried something so far. */
export interface Said {
  tries: number
}

let ending = new AbortController()
let attacking: Promise<unknown> = Promise.resolve()

process.on('message', (told: Told) => {
  obey(told).then(
    () => process.send?.({ tries: tried() } satisfies Said),
    () => process.exit(1),
  )
})
process.on('disconnect', () => process.exit())
// What comes of attacking is no failure of the bench.
process.on('uncaughtException', () => {})
process.on('unhandledRejection', () => {})

async function obey(told: Told): Promise<void> {
  ending.abort()
  await attacking
  if (told.t === 'end') return
  ending = new AbortController()
  const { signal } = ending
  const attacks =
    told.only === null ? Object.values(ATTACKS) : [ATTACKS[told.only] ?? (() => Promise.reject(new Error('no such attack')))]
  const target = parseAddress(told.address)
  const each = (n: number) => attacks[n % attacks.length]?.(target, signal)
  attacking = Promise.all(
    Array.from({ length: told.peers }, (_, n) => from(`127.${told.net}.${n >> 8}.${(n & 255) + 1}`, () => each(n))),
  )
}
