import { Content } from '../../../coordinator/results/content.ts'
import type { CellDecision } from '../../../coordinator/rules/ballot.ts'
import { type Judgement, judge } from '../../../coordinator/rules/judge.ts'
import { evidenceIn } from '../../../coordinator/state/evidence.ts'
import type { CaseEntry, RoundEntry, TaskEntry } from '../../../coordinator/state/model.ts'
import type { Recalled } from '../../../coordinator/views/recalled.ts'
import { ROUND_DEFAULTS, type RoundSpec } from '../../../protocol/index.ts'
import { seeded } from '../../support/seeded.ts'

const SPEC: RoundSpec = { ...ROUND_DEFAULTS, v: 1, name: 'made up', rule: 'compat', passes: [] }

/** Ends of tests that come up: right, or wrong in one of several ways. */
const WAYS = 5

/** A judged round as a coordinator's state holds it, with names, programs shared as samples share them, and no content. */
export function madeUpRound({ cases: count, samples, tests }: { cases: number; samples: number; tests: number }) {
  const random = seeded(11)
  const outputs = Array.from({ length: WAYS }, (_, way) => cell(`output-${way}`))
  const tasks = new Map<string, TaskEntry>()
  const addTask = (program: string, side: 'cpp' | 'cuda', cells: CellDecision[]) => {
    const executor = side === 'cpp' ? 'host' : 'emulated'
    const task = { program, executor, pass: 'plain', limits: SPEC.limits } as const
    tasks.set(program, {
      key: program,
      id: program,
      task,
      tests,
      votes: [],
      wasted: 0,
      declines: new Map(),
      ballot: { state: 'decided', cells },
    } as unknown as TaskEntry)
  }
  const cases: CaseEntry[] = []
  const judgements = new Map<string, Judgement>()
  for (let index = 0; index < count; index++) {
    const [original, translation] = [`original-${Math.floor(index / samples)}`, `translation-${index}`]
    if (!tasks.has(original))
      addTask(
        original,
        'cpp',
        Array.from({ length: tests }, () => outputs[0] as CellDecision),
      )
    const bad = random() < 0.5
    addTask(
      translation,
      'cuda',
      Array.from({ length: tests }, () => outputs[bad ? Math.floor(random() * WAYS) : 0] as CellDecision),
    )
    const entry = {
      ...{ index, id: index, problem: original, source: 'cpp', tests },
      ...{ programs: { cpp: original, cuda: translation }, tasks: { cpp: original, cuda: translation } },
      ...{ strict: { cpp: {}, cuda: {} }, names: { cpp: {}, cuda: {} }, equal: null, fill: null, judgement: null },
    } as unknown as CaseEntry
    const found = Array.from({ length: tests }, (_, test) => evidenceIn(tasks, { spec: SPEC } as RoundEntry, entry, test))
    const judgement = judge(found, { source: 'cpp', wallMs: SPEC.limits.wallMs })
    // As the state would hold it, but for strings: one of each that is the same.
    const key = JSON.stringify(judgement)
    entry.judgement = judgements.get(key) ?? judgement
    judgements.set(key, entry.judgement)
    cases.push(entry)
  }
  const round = { id: 'round', state: 'aggregated', endedAt: 1, spec: SPEC, cases, additions: [] } as unknown as RoundEntry
  const source: Recalled['source'] = { tasks, evidence: (owner, item, test) => evidenceIn(tasks, owner, item, test) }
  const content = new Content({ contents: async (cids) => cids.map(() => undefined) })
  return { round, source, content }
}

function cell(output: string): CellDecision {
  return {
    status: 'success',
    output,
    compat: output,
    masked: output,
    findings: [],
    class: 'host / 3 / g++ 12 / x86-64',
    votes: 2,
  }
}

/** Heap in use when all that nobody holds is gone. */
export function collect(): number {
  if (globalThis.gc === undefined) throw new Error('node --expose-gc')
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}
