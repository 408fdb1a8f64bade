import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { runChild } from '../../sandbox/jail/child.ts'
import { ANSWER, AUDIT, assembleFilter } from '../../sandbox/jail/filter/assemble.ts'
import { CALL_NAMES, callNumber, lastNumber, PROCESSORS } from '../../sandbox/jail/filter/calls.ts'
import { filterFiles } from '../../sandbox/jail/filter/filters.ts'
import { ALLOWED, ERRORS, type FilterName, REFUSED } from '../../sandbox/jail/filter/policy.ts'
import { answerOf, assertLoadable } from './bpf.ts'

const KINDS = ['run', 'compile'] as const satisfies FilterName[]
const GPU_KINDS = ['gpu', 'gpu-more', 'gpu-checked'] as const satisfies FilterName[]
const EPERM = ANSWER.error | ERRORS.EPERM
const ENOSYS = ANSWER.error | ERRORS.ENOSYS
const { allow, kill } = ANSWER

/** `args` as the program passes them: 64 bits each. */
const ROWS: { id: string; call: string; args?: (number | bigint)[]; run: number; compile: number }[] = [
  { id: 'write', call: 'write', args: [1], run: allow, compile: allow },
  { id: 'the last row', call: 'getrandom', run: allow, compile: allow },
  { id: 'both ends of a range', call: 'munmap', run: allow, compile: allow },
  { id: 'memory files', call: 'memfd_create', run: EPERM, compile: EPERM },
  { id: 'a fork', call: 'clone', args: [0x01200011], run: allow, compile: allow },
  { id: 'a thread', call: 'clone', args: [0x003d0f00], run: allow, compile: allow },
  { id: 'a fork into a user namespace', call: 'clone', args: [0x10000011], run: EPERM, compile: EPERM },
  { id: 'a fork into all namespaces', call: 'clone', args: [0x7e020011], run: EPERM, compile: EPERM },
  { id: 'the same, with high bits that the kernel drops', call: 'clone', args: [0xf00000010000011n], run: EPERM, compile: EPERM },
  { id: 'clone3', call: 'clone3', run: ENOSYS, compile: ENOSYS },
  { id: 'is this a terminal', call: 'ioctl', args: [1, 0x5401], run: allow, compile: allow },
  { id: 'typing into a terminal', call: 'ioctl', args: [1, 0x5412], run: EPERM, compile: EPERM },
  { id: 'the same, hidden by high bits', call: 'ioctl', args: [1, 0x5401_00005412n], run: EPERM, compile: EPERM },
  { id: 'no random addresses', call: 'personality', args: [0x40000], run: allow, compile: allow },
  { id: 'another kernel interface', call: 'personality', args: [8], run: EPERM, compile: EPERM },
  { id: 'which personality', call: 'personality', args: [0xffffffff], run: allow, compile: allow },
  { id: 'a thread’s name', call: 'prctl', args: [15], run: allow, compile: allow },
  { id: 'a filter of its own', call: 'prctl', args: [22, 2], run: EPERM, compile: EPERM },
  { id: 'a table for the debugger', call: 'prctl', args: [0x59616d61], run: EPERM, compile: EPERM },
  { id: 'in no row', call: 'vhangup', run: EPERM, compile: EPERM },
]

for (const processor of PROCESSORS) {
  suite(`the filter of system calls on ${processor}`, () => {
    const audit = AUDIT[processor]
    const filters = Object.fromEntries(KINDS.map((kind) => [kind, assembleFilter(kind, processor)])) as Record<
      FilterName,
      Uint8Array
    >
    for (const { id, call, args, ...answers } of ROWS) {
      test(`${id} (${call})`, () => {
        const number = callNumber(call, processor)
        assert.ok(number !== null)
        for (const kind of KINDS) assert.equal(answerOf(filters[kind], { number, audit, args: args ?? [] }), answers[kind], kind)
      })
    }

    test('answers every number as the tables say, whatever the arguments of calls without a condition', () => {
      for (const kind of KINDS) {
        assertLoadable(filters[kind])
        const rows = ALLOWED.filter(({ only }) => only === undefined || only.includes(kind))
        for (const call of CALL_NAMES) {
          const number = callNumber(call, processor)
          const row = rows.find(({ calls }) => calls.includes(call))
          if (number === null || row?.when !== undefined) continue
          const refused = REFUSED.find(({ calls }) => calls.includes(call))
          const expected = row !== undefined ? allow : ANSWER.error | ERRORS[refused?.error ?? 'EPERM']
          assert.equal(answerOf(filters[kind], { number, audit, args: [-1, -1, -1, -1, -1, -1] }), expected, `${kind} ${call}`)
        }
      }
    })

    test('kills what is meant for another table, answers what is newer than ours as an older kernel', () => {
      const other = { x64: AUDIT.arm64, arm64: AUDIT.x64 }[processor]
      for (const filter of Object.values(filters)) {
        for (const strange of [0x40000003, 0x40000028, other, 0]) {
          assert.equal(answerOf(filter, { number: 1, audit: strange }), kill, strange.toString(16))
        }
        for (const number of [0x40000000, 0x40000001, 0xffffffff]) assert.equal(answerOf(filter, { number, audit }), kill)
        assert.equal(answerOf(filter, { number: lastNumber(processor) + 1, audit }), ENOSYS)
        assert.equal(answerOf(filter, { number: 0x3fffffff, audit }), ENOSYS)
      }
    })
  })
}

suite('the policy of system calls', () => {
  test('names calls that exist, each once, each row with its reason', () => {
    const rows = [...ALLOWED, ...REFUSED]
    for (const name of rows.flatMap(({ calls }) => calls)) assert.ok(CALL_NAMES.includes(name), name)
    for (const kind of [...KINDS, ...GPU_KINDS]) {
      const names = ALLOWED.filter(({ only }) => only?.includes(kind) ?? true).flatMap(({ calls }) => calls)
      // What is refused elsewhere is named there all the same, but for those of a GPU's jails.
      const refused = GPU_KINDS.some((name) => name === kind) ? [] : REFUSED.flatMap(({ calls }) => calls)
      const all = [...names, ...refused]
      assert.deepEqual(
        all.filter((name, index) => all.indexOf(name) !== index),
        [],
        kind,
      )
    }
    for (const { calls, reason } of rows) assert.ok(reason.length > 8, calls.join())
  })

  test('has the numbers of the C library’s headers', { skip: process.arch !== 'x64' && process.arch !== 'arm64' }, async () => {
    const args = ['-E', '-dM', '-x', 'c', '-include', 'sys/syscall.h', '/dev/null']
    const file = '/usr/bin/g++'
    const end = await runChild(
      { file, args, env: {}, inputs: new Map(), outputs: [{ fd: 1, maxBytes: 1 << 24, whenFull: 'stop' }], wallMs: 20_000 },
      { signal: new AbortController().signal },
    )
    const found = [...(end.outputs.get(1)?.toString() ?? '').matchAll(/^#define __NR_(\w+) (\d+)$/gm)]
    const numbers = new Map(found.map(([, name, number]) => [name, Number(number)]))
    assert.ok(numbers.size > 250)
    const processor = process.arch as 'x64' | 'arm64'
    const both = CALL_NAMES.filter((name) => numbers.has(name))
    assert.ok(both.length > 250)
    for (const name of both) assert.equal(callNumber(name, processor), numbers.get(name), name)
  })

  test('where the processor’s calls are not known there is no jail', () => {
    assert.throws(() => filterFiles('riscv64'), { code: 'jail' })
  })
})
