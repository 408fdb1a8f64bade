import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import pino from 'pino'
import { PREFERENCES_FILE, Preferences } from '../../node/preferences/preferences.ts'
import { DEFAULT_PREFERENCES, PREFERENCE_ROWS, PreferencesFile } from '../../node/preferences/schema.ts'
import { parseYaml } from '../../protocol/index.ts'
import { scratch } from '../support/scratch.ts'
import { until } from '../support/until.ts'

const log = pino({ level: 'silent' })

async function opened(t: TestContext, text: string | null = null) {
  const folder = await scratch(t)
  const file = join(folder, PREFERENCES_FILE)
  if (text !== null) await writeFile(file, text)
  const preferences = await Preferences.open(folder, { log })
  t.after(() => preferences[Symbol.dispose]())
  return { preferences, file }
}

/** What is wrong, and what the node says of it. */
const BAD: { id: string; text: string; says: RegExp }[] = [
  { id: 'a slip in a name', text: 'idle:\n  gpus: true\n', says: /line 2, field idle\.gpus: no such field; is gpu meant\?/ },
  { id: 'a name nothing is like', text: '\nweather: fine\n', says: /line 2, field weather: no such field$/ },
  { id: 'a word for yes', text: 'on-battery: maybe\n', says: /line 1, field on-battery: expected true or false/ },
  { id: 'more than all', text: 'other-cpu-percent: 250\n', says: /field other-cpu-percent: expected percent, from 1 to 100/ },
  {
    id: 'a band the wrong way round',
    text: 'gpu:\n  temperature-celsius: { stop-at: 60, resume-at: 70 }\n',
    says: /line 2, field gpu\.temperature-celsius\.resume-at: expected less than stop-at/,
  },
  {
    id: 'half a band',
    text: 'gpu:\n  power-watts: { stop-at: 60 }\n',
    says: /line 2, field gpu\.power-watts\.resume-at: missing/,
  },
  {
    id: 'no day of the week',
    text: 'schedule:\n  - { days: mon, from: 8:00, to: 9:00 }\n  - { days: someday, from: 8:00, to: 9:00 }\n',
    says: /line 3, field schedule\[1\]\.days: expected a day or days/,
  },
  {
    id: 'no time of day',
    text: 'schedule: [{ from: 25:00, to: 9:00 }]\n',
    says: /schedule\[0\]\.from: expected a time from 00:00/,
  },
  { id: 'a line that is no YAML', text: 'idle: [\n', says: /preferences\.yaml, line \d: / },
]

describe('the file of preferences', () => {
  it('is written with every preference at its default, which it then says', async (t) => {
    const { preferences, file } = await opened(t)
    assert.deepEqual(preferences.value, DEFAULT_PREFERENCES)
    const text = await readFile(file, 'utf8')
    for (const { path, says } of PREFERENCE_ROWS) {
      assert.match(text, new RegExp(`^ *${path.at(-1)}: `, 'm'), path.join('.'))
      assert.ok(text.includes(`# ${says}\n`), says)
    }
  })

  it('may be empty, name groups without fields, and leave out what is as it is', () => {
    for (const text of ['', '# nothing\n', 'gpu:\nidle:\n', 'idle:\n  gpu: true\n']) {
      assert.deepEqual(parseYaml('preferences.yaml', text, PreferencesFile).value, DEFAULT_PREFERENCES, text)
    }
  })

  for (const { id, text, says } of BAD) {
    it(`says what is wrong: ${id}`, async (t) => {
      await assert.rejects(opened(t, text), says)
    })
  }

  it('is read again when it is saved; a bad edit is told and what held before goes on', async (t) => {
    const { preferences, file } = await opened(t, 'on-battery: true\n')
    await writeFile(file, 'on-battery: perhaps\n')
    await until(() => preferences.problem, 'the bad edit is seen')
    assert.match(preferences.problem ?? '', /line 1, field on-battery: expected true or false/)
    assert.equal(preferences.value['on-battery'], true)
    await writeFile(file, 'on-battery: false\n')
    await until(() => preferences.problem === null, 'the good edit is seen')
    assert.equal(preferences.value['on-battery'], false)
  })

  it('is seen by looking too, where nothing tells of it; one that is gone changes nothing but the problem', async (t) => {
    const { preferences, file } = await opened(t, 'idle-after-minutes: 7\n')
    await rm(file)
    await preferences.refresh()
    assert.match(preferences.problem ?? '', /no such file/)
    assert.equal(preferences.value['idle-after-minutes'], 7)
  })

  it('is changed by commands, with comments and order kept', async (t) => {
    const { preferences, file } = await opened(t, '# mine\ngpu:\n  off: [] # none yet\n  # loud at night\n  fan-percent: null\n')
    await preferences.set(['gpu', 'off'], ['1'])
    await preferences.set(['network', 'mib-a-day'], 500)
    assert.deepEqual(preferences.value.gpu.off, ['1'])
    const text = await readFile(file, 'utf8')
    for (const kept of ['# mine', '# none yet', '# loud at night', 'fan-percent: null']) assert.ok(text.includes(kept), text)
    assert.ok(text.indexOf('off') < text.indexOf('fan-percent'), text)
    assert.equal(parseYaml(file, text, PreferencesFile).value.network['mib-a-day'], 500)
  })

  it('is not changed to what it cannot be', async (t) => {
    const { preferences, file } = await opened(t, 'on-battery: true\n')
    await assert.rejects(preferences.set(['on-battery'], 7), /field on-battery: expected true or false/)
    await assert.rejects(preferences.set(['gpu', 'of'], []), /field gpu\.of: no such field; is off meant\?/)
    assert.equal(await readFile(file, 'utf8'), 'on-battery: true\n')
  })
})
