import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import pino from 'pino'
import { OPEN_GATE, type Permission } from '../../node/conditions/permission.ts'
import { KEPT_PROGRAMS, Programs } from '../../node/programs.ts'
import type { RunEnd, RunListener } from '../../node/runs.ts'
import { STOP_MS, Work } from '../../node/work.ts'
import {
  type Assign,
  cidOf,
  type DeclineReason,
  type ExecutorName,
  encodeCanonical,
  type Program,
  ROUND_DEFAULTS,
} from '../../protocol/index.ts'
import type { Execution, Sandbox } from '../../sandbox/index.ts'
import { FakeSandbox, quiet } from '../support/fake-sandbox.ts'
import { until } from '../support/until.ts'
import { waitsOf } from '../support/waits.ts'

const PROGRAM = { v: 1, side: 'cpp', code: 'int f();', wrapper: '', tests: ['wrapper(f);'] } as Program
const DEADLINE_MS = 3_600_000
const log = pino({ level: 'silent' })

/** A program that does what it is told: `build` and `end` come from the test. */
interface Run {
  executor: ExecutorName
  aborted: boolean
  build: () => void
  end: () => void
}

/** A GPU that is none, and programs that run until they are told to end, or aborted. */
class Told extends FakeSandbox {
  readonly runs: Run[] = []
  readonly #deaf: boolean
  /** @param deaf whether programs stay when they are aborted, as one does that a driver holds */
  constructor(deaf = false) {
    super(undefined, ['host', 'gpu'])
    this.#deaf = deaf
  }

  override async execute(...[, executor, , { signal, onBuilt }]: Parameters<Sandbox['execute']>): Promise<Execution> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const run: Run = { executor, aborted: false, build: onBuilt ?? (() => {}), end: resolve }
    this.runs.push(run)
    const onAbort = () => {
      run.aborted = true
      if (!this.#deaf) reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    await promise
    return { environment: this.environment(executor), tests: [quiet()], compileMs: 1 }
  }
}

/** A gate that is opened and closed by hand. */
class HandGate {
  permission: Permission = OPEN_GATE.permission
  #tell = () => {}
  onChange(listener: () => void): () => void {
    this.#tell = listener
    return () => {}
  }
  taskEnded(): void {}
  set(change: Partial<Permission>): void {
    this.permission = { ...this.permission, ...change }
    this.#tell()
  }
}

async function workOf(t: TestContext, slots: number, sandbox = new Told()) {
  const key = await generateKeyPair('Ed25519')
  const gate = new HandGate()
  const began: string[] = []
  const ended: RunEnd[] = []
  const listener: RunListener = {
    began: ({ assign }) => void began.push(assign.nonce),
    ended: (_, end) => void ended.push(end),
    ...{ finished() {}, accepted() {}, rejected() {}, told() {} },
  }
  const work = new Work({ sandbox, key, outbox: { put: async () => {} }, log, gate, listener }, { slots })
  work.allotments.add('c', 1)
  t.after(async () => await work.stop())
  const told: string[] = []
  const events = {
    finished: ({ nonce }: { nonce: string }) => void told.push(`${nonce} finished`),
    declined: (nonce: string, reason: DeclineReason) => void told.push(`${nonce} ${reason}`),
    freed() {},
  }
  const give = (nonce: string, executor: ExecutorName) => {
    const task = { v: 1, program: 'cid', executor, pass: 'plain', limits: ROUND_DEFAULTS.limits }
    const assign = { t: 'assign', nonce, taskId: 'task', task, deadlineMs: DEADLINE_MS } as unknown as Assign
    work.start(assign, PROGRAM, 'c', () => events)
  }
  /** Room for more of that coordinator, as a session asks for it. */
  const free = () => work.limit('c') - work.heldOf('c').length
  return { work, sandbox, gate, give, free, told, began, ended }
}

describe('slots of a node', () => {
  it('a program that has only the GPU to wait for leaves its slot to others, which are built and run meanwhile', async (t) => {
    const { sandbox, give, free, told } = await workOf(t, 1)
    give('gpu-1', 'gpu')
    assert.deepEqual([sandbox.runs.length, free()], [1, 0])
    sandbox.runs[0]?.build()
    assert.equal(free(), 1)
    give('gpu-2', 'gpu')
    sandbox.runs[1]?.build()
    give('cpu-1', 'host')
    assert.deepEqual(
      sandbox.runs.map(({ executor }) => executor),
      ['gpu', 'gpu', 'host'],
    )
    assert.equal(free(), 0)
    sandbox.runs[2]?.end()
    await until(() => told.includes('cpu-1 finished'), 'the processor goes on while the GPU is taken')
    assert.equal(free(), 1)
  })

  it('what is built beyond the one that has the GPU and the next keeps its slot, until one of them ends', async (t) => {
    const { sandbox, give, free, told } = await workOf(t, 1)
    for (const [at, nonce] of ['gpu-1', 'gpu-2', 'gpu-3'].entries()) {
      give(nonce, 'gpu')
      sandbox.runs[at]?.build()
    }
    assert.equal(free(), 0)
    give('cpu-1', 'host')
    assert.equal(sandbox.runs.length, 3, 'no slot for it')
    sandbox.runs[0]?.end()
    await until(() => sandbox.runs.length === 4, 'the third has moved to the GPU')
    assert.deepEqual(told, ['gpu-1 finished'])
  })

  it('a program that was stopped is built anew, in a slot of the processor, and is one run to whoever keeps what ran', async (t) => {
    const { sandbox, gate, give, free, began } = await workOf(t, 1)
    give('gpu-1', 'gpu')
    sandbox.runs[0]?.build()
    gate.set({ otherGpus: { may: false, code: 'gpu-hot', why: 'hot', until: null } })
    await turn()
    assert.deepEqual([sandbox.runs[0]?.aborted, sandbox.runs.length], [true, 1])
    gate.set({ otherGpus: { may: true } })
    await until(() => sandbox.runs.length === 2, 'it is begun anew')
    assert.equal(free(), 0)
    assert.deepEqual(began, ['gpu-1'])
  })
})

describe('work past its deadline', () => {
  it('is dropped, running or not: nobody waits for it any more', async (t) => {
    const { work, sandbox, give, told, ended } = await workOf(t, 1)
    const deadlines = waitsOf(t, DEADLINE_MS)
    give('runs', 'host')
    give('waits', 'host')
    deadlines.pass()
    await until(() => work.isIdle, 'all is dropped')
    assert.deepEqual([sandbox.runs.length, sandbox.runs[0]?.aborted, told], [1, true, []])
    assert.deepEqual(
      ended.map((end) => end.how === 'withdrawn' && end.overdue),
      [true, true],
    )
  })

  it('is given back and no loss where it was late because it might not run', async (t) => {
    const { work, gate, give, told } = await workOf(t, 1)
    const deadlines = waitsOf(t, DEADLINE_MS)
    give('held', 'host')
    gate.set({ cpu: { may: false, code: 'battery', why: 'on battery', until: null } })
    await until(() => work.running.length === 0, 'it is stopped')
    deadlines.pass()
    assert.deepEqual(told, ['held shutting-down'])
  })
})

describe('a node that stops', () => {
  it('gives back what runs when it is gone', async (t) => {
    const { work, give, told } = await workOf(t, 2)
    give('a', 'host')
    give('b', 'host')
    give('c', 'host')
    await work.stop()
    assert.deepEqual(told.sort(), ['a shutting-down', 'b shutting-down', 'c shutting-down'])
  })

  it('waits for no program for ever: it is given back once all the same', async (t) => {
    const { work, sandbox, give, told } = await workOf(t, 1, new Told(true))
    give('held', 'gpu')
    const waits = waitsOf(t, STOP_MS)
    const stopped = work.stop()
    await turn()
    assert.deepEqual([told, sandbox.runs[0]?.aborted], [[], true])
    waits.pass()
    await stopped
    assert.deepEqual(told, ['held shutting-down'])
    sandbox.runs[0]?.end()
    await turn()
    assert.equal(work.counts.declined, 1)
  })
})

describe('programs that are kept', () => {
  it('count once, however often they come', async () => {
    const programs = new Programs()
    const bytes = (code: string) => encodeCanonical({ ...PROGRAM, code })
    const first = bytes('int first();')
    const cid = await cidOf(first, 'dag-cbor')
    const large = bytes('x'.repeat(500_000))
    const other = await cidOf(large, 'dag-cbor')
    await programs.add(cid, first)
    // As two coordinators may send it: counted each time, it would be the whole of what is kept.
    for (let n = 0; n < 100; n++) await programs.add(other, large)
    assert.equal(programs.get(cid)?.code, 'int first();')
    await assert.rejects(programs.add(cid, large), { code: 'schema' })
  })

  it('are so many, however small: those that were asked for longest ago leave', async () => {
    const programs = new Programs()
    const names: string[] = []
    for (let n = 0; n <= KEPT_PROGRAMS; n++) {
      const bytes = encodeCanonical({ ...PROGRAM, code: `int f${n}();` })
      names.push(await cidOf(bytes, 'dag-cbor'))
      await programs.add(names[n] as string, bytes)
      programs.get(names[0] as string)
    }
    assert.deepEqual(
      [0, 1, 2, KEPT_PROGRAMS].map((n) => programs.get(names[n] as string)?.code),
      ['int f0();', undefined, 'int f2();', `int f${KEPT_PROGRAMS}();`],
    )
  })
})
