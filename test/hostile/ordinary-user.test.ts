import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { projectComposer } from '../../sandbox/executor/project-composer.ts'
import { asNobody, cacheOfNobody } from '../sandbox/as-nobody.ts'
import { patience } from '../support/patience.ts'
import { ATTACKS } from './attacks.ts'
import type { Report } from './ordinary-user.ts'

/** Where the jail is what is attacked; what programs do to the harness is the same for every user. */
const GROUPS = ['C', 'R']
const SCRIPT = fileURLToPath(new URL('ordinary-user.ts', import.meta.url))
const skip = process.getuid?.() !== 0 && 'who runs this is an ordinary user already: hostile.test.ts shows it'

suite('a hostile program on the machine of an ordinary user without cgroups', { skip, timeout: patience(300_000) }, () => {
  let report: Report | null = null
  before(async () => {
    const cache = await cacheOfNobody({ after }, projectComposer)
    const end = await asNobody(SCRIPT, { args: GROUPS, env: { KERNELSWARM_TEST_CACHE: cache } })
    if (end === null) return
    assert.equal(end.code, 0, end.said)
    report = JSON.parse(end.said) as Report
  })

  test('its limits are held without cgroups', (t) => {
    if (report === null) return t.skip('nobody may not read this folder')
    const held = ['memory:watch', 'memory:address-space', 'processes:rlimit', 'calls:seccomp']
    assert.deepEqual(report.limits.slice(0, 4), held)
  })

  for (const { id, name } of ATTACKS.filter(({ id }) => GROUPS.includes(id.slice(0, 1)))) {
    test(`${id} ${name}: contained`, (t) => {
      if (report === null) return t.skip('nobody may not read this folder')
      const row = report.rows.find((one) => one.id === id && one.name === name)
      assert.equal(row?.wrong, null)
    })
  }
})
