import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import { CACHE } from '../support/cache.ts'
import { patience } from '../support/patience.ts'
import { ATTACKS, GROUPS, IDS } from './attacks.ts'
import { Bait } from './bait.ts'
import { contained, Sandboxes } from './contained.ts'
import { worksOutside } from './control.ts'

const COUNTS = { C: 10, R: 14, H: 10 } as const
/** Processes, memory and room: what cgroups hold where there are any. */
const HELD_BY_CGROUPS = ['R1', 'R3', 'R5']

test('every id is there, each attack has a name of its own', () => {
  const wanted = Object.entries(COUNTS).flatMap(([group, count]) => Array.from({ length: count }, (_, at) => `${group}${at + 1}`))
  assert.deepEqual([...IDS].sort(), wanted.sort())
  for (const { attacks } of GROUPS) assert.equal(new Set(attacks.map(({ id, name }) => id + name)).size, attacks.length)
})

test('the baits show what was done to them', async () => {
  await using bait = await Bait.lay(CACHE)
  assert.deepEqual(await bait.harm('all is well'), [])
  await bait.disturb()
  assert.equal((await bait.harm(`ESCAPED\n${bait.secret}`)).length, 5)
})

suite('a hostile program where no cgroup holds limits', { timeout: patience(120_000) }, () => {
  const sandboxes = new Sandboxes({ cgroups: 'never' })
  for (const attack of ATTACKS.filter(({ id }) => HELD_BY_CGROUPS.includes(id))) {
    test(`${attack.id} ${attack.name}: contained`, async () => {
      await contained(await sandboxes.of(undefined), attack)
    })
  }
})

for (const { name, attacks } of GROUPS) {
  suite(`a hostile program ${name}`, { timeout: patience(300_000) }, () => {
    const sandboxes = new Sandboxes()
    before(async () => {
      await sandboxes.of(undefined)
    })
    for (const attack of attacks) {
      test(`${attack.id} ${attack.name}: contained`, async () =>
        await contained(await sandboxes.of(attack.compileWallMs), attack))
      const { control } = attack
      if (control.outside === 'not shown') continue
      const skip =
        control.outside === 'harms' && control.needs === 'root' && process.getuid?.() !== 0
          ? 'only root may do this outside'
          : false
      test(`${attack.id} ${attack.name}: works outside`, { skip }, async () => {
        await using bait = await Bait.lay(CACHE)
        assert.ok(await worksOutside(attack, bait, CACHE))
      })
    }
  })
}
