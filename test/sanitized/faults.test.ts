import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import type { Program } from '../../protocol/index.ts'
import type { Sandbox, TestRun } from '../../sandbox/index.ts'
import { CUDA_FAULTS, type Fault, HOST_FAULTS, MARK } from './faults.ts'
import { inWords, openProjectSandbox, programOf, runSanitized } from './fixture.ts'

let sandbox: Sandbox
before(async () => {
  sandbox = await openProjectSandbox()
})

for (const [side, faults] of [
  ['cpp', HOST_FAULTS],
  ['cuda', CUDA_FAULTS],
] as const) {
  suite(`a fault is found, and where it is (${side})`, () => {
    let runs: TestRun[]
    before(async () => {
      runs = await runSanitized(sandbox, joint(side, faults))
    })
    for (const [index, fault] of faults.entries()) {
      test(fault.id, () => {
        const run = runs[index] as TestRun
        const [found, ...more] = run.findings
        assert.equal(more.length, 0)
        assert.equal(run.status, 'success', inWords(run))
        assert.equal(run.output.length, 0)
        assert.equal(found?.flag, 'undefined-behaviour', inWords(run))
        assert.match(found.what, fault.says)
        assert.deepEqual({ file: found.file, line: found.line }, markedPlace(faults, index), inWords(run))
      })
    }
  })
}

/** One program with a test for each: compiling is what costs. */
function joint(side: Program['side'], faults: readonly Fault[]): Program {
  const wrapper = side === 'cpp' ? '' : codeOf(faults)
  const code = side === 'cpp' ? `#include <cstring>\n${codeOf(faults)}` : '__global__ void nothing() {}'
  return programOf(side, { code, wrapper, tests: faults.map(({ test }) => test) })
}

function codeOf(faults: readonly Fault[]): string {
  return faults.map(({ code }) => code).join('\n')
}

function markedPlace(faults: readonly Fault[], index: number): { file: string; line: number } {
  const { code, test } = faults[index] as Fault
  const inTest = lineOf(test)
  if (inTest > 0) return { file: `test ${index + 1}`, line: inTest }
  const cpp = faults === HOST_FAULTS
  const above = codeOf(faults.slice(0, index)).split('\n').length + (cpp ? 1 : 0)
  return { file: cpp ? 'code' : 'wrapper', line: (index === 0 ? Number(cpp) : above) + lineOf(code) }
}

/** From 1; 0 where there is no mark. */
function lineOf(text: string): number {
  return text.split('\n').findIndex((line) => line.endsWith(MARK)) + 1
}
