import assert from 'node:assert/strict'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { known } from '../../node/conditions/facts.ts'
import { DiskSource } from '../../node/conditions/sources/disk.ts'
import { APPS_QUESTION, GpusSource, parseApps, parseGpuFacts } from '../../node/conditions/sources/gpus.ts'
import { HookSource } from '../../node/conditions/sources/hook.ts'
import { IdleSource, parseIdle } from '../../node/conditions/sources/idle.ts'
import { NetworkSource } from '../../node/conditions/sources/network.ts'
import { isOnBattery, PowerSource } from '../../node/conditions/sources/power.ts'
import { ProcessesSource } from '../../node/conditions/sources/processes.ts'
import type { Source } from '../../node/conditions/sources/source.ts'
import { scratch } from '../support/scratch.ts'
import { until } from '../support/until.ts'
import { HOUR_MS, MONDAY_NOON, preferences } from './situation.ts'

async function look(source: Source, yaml = '', now = MONDAY_NOON, ms = 10_000) {
  return await source.look(preferences(yaml), now, { signal: AbortSignal.timeout(ms) })
}

describe('whether somebody uses the machine, by logind', () => {
  const ROWS = [
    { id: 'in use', says: 'IdleHint=no\nIdleSinceHint=1780000000000000\n', since: null },
    { id: 'idle', says: 'IdleHint=yes\nIdleSinceHint=1780000000123456\n', since: 1780000000123.456 },
    { id: 'the other way round', says: 'IdleSinceHint=1780000000000000\nIdleHint=yes\n', since: 1780000000000 },
    { id: 'nobody has been there', says: 'IdleHint=yes\nIdleSinceHint=0\n', since: 0 },
  ]
  for (const { id, says, since } of ROWS) it(id, () => assert.equal(parseIdle(says), since))

  it('asks a command, and fails where it does', async (t) => {
    const folder = await scratch(t)
    const write = (name: string, text: string) => writeFile(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    await write('loginctl', 'test "$1" = show-session && printf "IdleHint=yes\\nIdleSinceHint=5000\\n"')
    await write('broken', 'echo "Failed to connect to bus"; exit 1')
    await write('other', 'echo Whatever=yes')
    assert.deepEqual(await look(new IdleSource(join(folder, 'loginctl'))), { idle: known({ since: 5 }) })
    await assert.rejects(look(new IdleSource(join(folder, 'broken'))), /logind does not answer/)
    await assert.rejects(look(new IdleSource(join(folder, 'other'))), /logind does not say/)
    await assert.rejects(look(new IdleSource(join(folder, 'none'))), /logind does not answer/)
  })
})

describe('whether the machine is on battery', () => {
  const battery = (status: string, scope = '') => ({ type: 'Battery', scope, online: '', status })
  const mains = (online: string) => ({ type: 'Mains', scope: '', online, status: '' })
  const ROWS = [
    { id: 'no supplies', supplies: [], is: false },
    { id: 'plugged in', supplies: [mains('1'), battery('Charging')], is: false },
    { id: 'plugged in, full', supplies: [mains('1'), battery('Not charging')], is: false },
    { id: 'unplugged', supplies: [mains('0'), battery('Discharging')], is: true },
    { id: 'unplugged, and the battery says nothing', supplies: [mains('0'), battery('Unknown')], is: true },
    { id: 'no mains to be seen', supplies: [battery('Discharging')], is: true },
    { id: 'a mouse', supplies: [battery('Discharging', 'Device')], is: false },
    {
      id: 'a charger by USB',
      supplies: [{ type: 'USB', scope: '', online: '1', status: '' }, battery('Discharging')],
      is: false,
    },
    { id: 'a battery that does not say', supplies: [battery('Unknown')], is: null },
  ]
  for (const { id, supplies, is } of ROWS) {
    it(id, () => {
      const fact = isOnBattery(supplies)
      assert.equal(fact.known ? fact.value : null, is)
    })
  }

  it('reads the files of the kernel', async (t) => {
    const root = await scratch(t)
    for (const [name, files] of Object.entries({
      AC: { type: 'Mains', online: '0' },
      BAT0: { type: 'Battery', status: 'Discharging' },
    })) {
      await mkdir(join(root, name))
      for (const [file, text] of Object.entries(files)) await writeFile(join(root, name, file), `${text}\n`)
    }
    assert.deepEqual(await look(new PowerSource(root)), { onBattery: known(true) })
    assert.deepEqual(await look(new PowerSource(join(root, 'none'))), { onBattery: known(false) })
  })
})

/** A /proc of some processes: ours is 100, with a jail of its own below it. */
async function procIn(t: TestContext) {
  const root = await scratch(t)
  const stat = (pid: number, name: string, parent: number, ticks: readonly number[]) =>
    `${pid} (${name}) S ${parent} 1 1 0 -1 0 0 0 0 0 ${ticks.join(' ')} 20 0 1 0 5 0 0\n`
  const processes = async (rows: [pid: number, name: string, parent: number, ticks: number[], cmdline: string][]) => {
    for (const [pid, name, parent, ticks, cmdline] of rows) {
      await mkdir(join(root, String(pid)), { recursive: true })
      await writeFile(join(root, String(pid), 'stat'), stat(pid, name, parent, ticks))
      await writeFile(join(root, String(pid), 'cmdline'), cmdline)
    }
  }
  const totals = (...fields: number[]) => writeFile(join(root, 'stat'), `cpu  ${fields.join(' ')} 0 0\ncpu0 1 2 3 4\n`)
  return { root, processes, totals }
}

describe('what others run', () => {
  it('counts processors less what the node and its programs take, of those that have ended too', async (t) => {
    const { root, processes, totals } = await procIn(t)
    await processes([
      [1, 'systemd', 0, [5, 5, 9, 9], '/sbin/init\0'],
      [100, 'node', 1, [10, 10, 100, 0], 'node\0kernelswarm\0'],
      [101, 'bwrap) R (', 100, [0, 1, 0, 0], '/usr/bin/bwrap\0'],
      [102, 'program', 101, [500, 0, 0, 0], '/program\0'],
      [200, 'blender', 1, [900, 0, 0, 0], '/opt/Blender 4/blender\0-b\0'],
      [201, 'averylongnamecu', 1, [0, 0, 0, 0], 'C:\\Games\\AVeryLongNameCut.exe\0'],
    ])
    await totals(1500, 0, 100, 8000, 0, 0, 0, 0)
    const source = new ProcessesSource({ root, pid: 100 })
    const first = await look(source, 'pause-while-running: [x]')
    assert.deepEqual(first.otherCpu, known(0))
    assert.ok(first.programs?.known)
    const names = first.programs.value
    for (const name of ['blender', 'averylongnamecut.exe', 'systemd']) assert.ok(names.has(name), name)
    for (const own of ['program', 'bwrap', 'node']) assert.ok(!names.has(own), own)
    // 1000 more ticks: the program took 300, one that has ended 100, another 200, the rest was idle.
    await processes([
      [100, 'node', 1, [10, 10, 200, 0], 'node\0'],
      [102, 'program', 101, [800, 0, 0, 0], '/program\0'],
      [200, 'blender', 1, [1100, 0, 0, 0], 'blender\0'],
    ])
    await totals(2100, 0, 100, 8400, 0, 0, 0, 0)
    assert.deepEqual((await look(source)).otherCpu, known(0.2))
  })

  it('says of this machine what there is', async () => {
    const { otherCpu, programs } = await look(new ProcessesSource(), 'pause-while-running: [x]')
    assert.ok(otherCpu?.known && otherCpu.value >= 0 && otherCpu.value <= 1)
    assert.ok(programs?.known)
  })
})

/** Answers in the form that nvidia-smi gives them; see the folder. */
const answer = (name: string) => readFile(new URL(`./answers/${name}`, import.meta.url), 'utf8')

describe('GPUs, by what nvidia-smi answers', () => {
  async function seen(t: TestContext, name: string, { isBusy = false, fails = false } = {}) {
    const { root, processes } = await procIn(t)
    await processes([
      [100, 'node', 1, [0, 0, 0, 0], ''],
      [4242, 'load-gpu', 100, [0, 0, 0, 0], ''],
      [5151, 'python3', 1, [0, 0, 0, 0], ''],
    ])
    const [gpus, apps] = [await answer(`${name}.gpus.csv`), await answer(`${name}.apps.csv`)]
    const ask = async (args: readonly string[]) => {
      if (args === APPS_QUESTION && fails) throw new Error('nvidia-smi fails')
      return args === APPS_QUESTION ? apps : gpus
    }
    const { gpus: fact } = await look(new GpusSource({ ask, isBusy: () => isBusy, root, pid: 100 }))
    assert.ok(fact?.known && fact.value !== null)
    return fact.value
  }

  it('a data centre card that nobody uses has no fan', async (t) => {
    const [gpu] = await seen(t, 'h200')
    assert.ok(gpu?.temperatureCelsius.known && gpu.powerWatts.known && typeof gpu.temperatureCelsius.value === 'number')
    assert.equal(gpu.name, 'NVIDIA H200')
    assert.deepEqual(gpu.fanPercent, known(null))
    assert.deepEqual(gpu.others, known([]))
  })

  it('two cards, one of them with somebody else on it: our own programs are not others', async (t) => {
    const [first, second] = await seen(t, 'two')
    assert.deepEqual(first?.others, known([]))
    assert.deepEqual(second?.others, known(['python3.12']))
    assert.deepEqual([first?.fanPercent, second?.temperatureCelsius, second?.powerWatts], [known(37), known(71), known(213.44)])
  })

  it('numbers of processes that mean nothing here are others, but while a program of ours runs', async (t) => {
    assert.deepEqual((await seen(t, 'container'))[0]?.others, known(['another program']))
    assert.deepEqual((await seen(t, 'container', { isBusy: true }))[0]?.others, known([]))
  })

  it('what computes on them is unknown where that question fails', async (t) => {
    assert.equal((await seen(t, 'two', { fails: true }))[0]?.others.known, false)
  })

  it('a card that does not say how hot it is may be any', async (t) => {
    assert.equal((await seen(t, 'container'))[0]?.temperatureCelsius.known, false)
  })

  const ODD = 'GPU-0a1b2c3d-1111-2222-3333-444455556666'
  const COOL = { celsius: known(28), watts: known(76.14), fan: known(30) }
  const card = (values: string) => `0, ${ODD}, NVIDIA H200, ${values}\n`
  const ROWS: { id: string; says: string; celsius?: unknown; watts?: unknown; fan?: unknown; count?: number }[] = [
    { id: 'as it should be', says: card('28, 76.14, 30'), ...COOL },
    { id: 'no fan, no power', says: card('28, [N/A], [Not Supported]'), ...COOL, watts: null, fan: known(null) },
    { id: 'brackets of other releases', says: card('28, 76.14, [n/a]'), ...COOL, fan: known(null) },
    { id: 'an unknown error', says: card('[Unknown Error], 76.14, [Unknown Error]'), ...COOL, celsius: null, fan: null },
    { id: 'the GPU is lost', says: card('[GPU is lost], [GPU is lost], [GPU is lost]'), celsius: null, watts: null, fan: null },
    { id: 'ERR!', says: card('ERR!, ERR!, ERR!'), celsius: null, watts: null, fan: null },
    { id: 'not allowed to know', says: card('[Insufficient Permissions], 76.14, 30'), ...COOL, celsius: null },
    { id: 'empty values', says: card(', , '), celsius: null, watts: null, fan: null },
    { id: 'units in spite of all', says: card('28 C, 76.14 W, 30 %'), celsius: null, watts: null, fan: null },
    { id: 'numbers of another language', says: card('28, 76,14, 30'), ...COOL, watts: null },
    { id: 'below zero', says: card('-5, 76.14, 30'), ...COOL, celsius: null },
    { id: 'a name with commas', says: `0, ${ODD}, NVIDIA RTX, laptop, 28, 76.14, 30\n`, ...COOL },
    { id: 'lines of another system', says: card('28, 76.14, 30').replace('\n', '\r\n'), ...COOL },
    { id: 'a column too few', says: card('28, 76.14'), count: 0 },
    { id: 'no UUID', says: '0, [N/A], NVIDIA H200, 28, 76.14, 30\n', count: 0 },
    { id: 'a slice where a card should be', says: '0, MIG-0a1b2c3d-1111-2222-3333-444455556666, x, 28, 76.14, 30\n', count: 0 },
    {
      id: 'two, one of which has fallen off its bus',
      says: `Unable to determine the device handle for GPU0000:01:00.0: Unknown Error\n${card('28, 76.14, 30')}`,
      ...COOL,
    },
    { id: 'nothing at all', says: '', count: 0 },
  ]
  for (const { id, says, celsius, watts, fan, count = 1 } of ROWS) {
    it(`as nvidia-smi may say it: ${id}`, () => {
      const seen = parseGpuFacts(says, new Map())
      assert.equal(seen.length, count)
      const [gpu] = seen
      if (gpu === undefined) return
      const facts = [gpu.temperatureCelsius, gpu.powerWatts, gpu.fanPercent]
      assert.deepEqual(
        facts.map((fact) => (fact.known ? fact : null)),
        [celsius, watts, fan],
      )
    })
  }

  it('what computes on them, in odd words, is somebody all the same', () => {
    const says = [
      `${ODD}, 1, /opt/a, b/tool`,
      `${ODD}, 2, [Not Found]`,
      `${ODD}, 3, [Insufficient Permissions]`,
      `${ODD}, 4, C:\\Games\\game.exe`,
      `${ODD}, 5, `,
      'MIG-0a1b2c3d, 6, /other',
      `${ODD}, [N/A], /other`,
      'No running processes found',
    ].join('\n')
    const another = 'another program'
    assert.deepEqual([...parseApps(says, () => true)], [[ODD, ['tool', another, another, 'game.exe', another]]])
  })

  it('is absent without ado, and unknown where nvidia-smi says something else', async () => {
    const isBusy = () => false
    assert.deepEqual(await look(new GpusSource({ ask: null, isBusy })), { gpus: known(null) })
    const ask = async () => 'Failed to initialize NVML: Driver/library version mismatch\n'
    await assert.rejects(look(new GpusSource({ ask, isBusy })), /answers otherwise/)
  })
})

describe('the command of the owner', () => {
  it('is the exit status of any command, asked anew at once when it is another', async () => {
    const source = new HookSource()
    assert.deepEqual(await look(source, 'hook: { command: exit 3 }'), { hook: known(3) })
    assert.equal(source.everyMs(preferences('hook: { command: exit 3, every-minutes: 2 }')), 120_000)
    assert.equal(source.everyMs(preferences('hook: { command: "true" }')), 0)
    assert.deepEqual(await look(source, 'hook: { command: "test -d /proc" }'), { hook: known(0) })
    assert.equal((await look(source, 'hook: { command: kill -9 $$ }')).hook?.known, false)
  })

  it('is ended with what it has started when it takes too long', async (t) => {
    const file = join(await scratch(t), 'pid')
    const command = `sleep 1000 & echo $! > ${file}; wait`
    const source = new HookSource()
    const late = new AbortController()
    const asked = source.look(preferences(`hook: { command: "${command}" }`), 0, { signal: late.signal })
    const started = async () => Number(await readFile(file, 'utf8').catch(() => ''))
    const pid = await until(started, 'the command has started something')
    late.abort(new DOMException('it takes too long', 'TimeoutError'))
    await assert.rejects(asked, { name: 'TimeoutError' })
    const state = async () => await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '(gone) X')
    await until(async () => /\) [XZ]/.test(await state()), 'what it has started is ended')
  })
})

describe('disk and network', () => {
  it('counts the files of its folders', async (t) => {
    const folder = await scratch(t)
    await mkdir(join(folder, 'deep'))
    await writeFile(join(folder, 'deep', 'file'), Buffer.alloc(1_000_000))
    await cp(join(folder, 'deep'), join(folder, 'again'), { recursive: true })
    const { disk } = await look(new DiskSource([folder, join(folder, 'none')]))
    assert.ok(disk?.known)
    assert.ok(disk.value.ownBytes >= 2_000_000 && disk.value.ownBytes < 2_200_000, String(disk.value.ownBytes))
    assert.ok(disk.value.freeBytes > 0 && disk.value.freeBytes < disk.value.totalBytes)
  })

  it('counts the bytes of a day over restarts, and begins anew at midnight', async (t) => {
    const file = join(await scratch(t), 'network.json')
    const midnight = MONDAY_NOON + 12 * HOUR_MS
    const first = new NetworkSource(file)
    first.count(700)
    assert.deepEqual(await look(first), { networkToday: known({ bytes: 700, until: midnight }) })
    const second = new NetworkSource(file)
    second.count(50)
    assert.deepEqual(await look(second, '', MONDAY_NOON + HOUR_MS), { networkToday: known({ bytes: 750, until: midnight }) })
    assert.deepEqual((await look(second, '', midnight)).networkToday, known({ bytes: 0, until: midnight + 24 * HOUR_MS }))
    assert.deepEqual(
      (await look(new NetworkSource(file), '', midnight + 1)).networkToday,
      known({ bytes: 0, until: midnight + 24 * HOUR_MS }),
    )
  })
})
