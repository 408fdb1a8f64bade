import type { PrivateKey } from '@libp2p/interface'
import type { Ledger } from '../../../coordinator/ledger.ts'
import type { CaseEntry, RoundEntry, TaskEntry } from '../../../coordinator/state/model.ts'
import {
  cidOf,
  classOf,
  DOMAINS,
  encodeCanonical,
  formsOf,
  peerIdOf,
  seal,
  type UnsignedVerdict,
} from '../../../protocol/index.ts'
import { UNMEASURED } from '../../../sandbox/types.ts'
import { ENVIRONMENT } from '../../support/environment.ts'

/** Verdicts made ready at a time, and recorded before it is waited until they are on disk. */
const AT_ONCE = 250
/** One translation in so many prints something else than its original. */
const ONE_WRONG_IN = 3
const DEADLINE_MS = 60_000

interface Wanted {
  task: TaskEntry
  /** What each of its tests prints. */
  printed: Buffer[]
}

/**
 * Has all tasks of a round answered at once, as a node would: signed verdicts and outputs, recorded as the work service records them,
 * without the wire to the node. The texts of a problem's tests differ from those of other problems.
 * @returns how many verdicts that took
 */
export async function answerAll(ledger: Ledger, round: RoundEntry, key: PrivateKey): Promise<number> {
  let nonce = 0
  let some: Wanted[] = []
  const asked = new Set<string>()
  const flush = async () => {
    const made = await Promise.all(some.map((one) => verdictOf(one, (nonce++).toString(16).padStart(32, '0'), key)))
    for (const [at, { task }] of some.entries()) record(ledger, task, made[at] as Made)
    some = []
    await ledger.durable
  }
  for (const item of round.cases) {
    for (const side of ['cpp', 'cuda'] as const) {
      const name = item.tasks?.[side]
      const task = name === undefined ? undefined : ledger.state.tasks.get(name)
      if (task === undefined || asked.has(task.key)) continue
      asked.add(task.key)
      some.push({ task, printed: printedBy(item, side === 'cuda' && item.index % ONE_WRONG_IN === 0) })
    }
    if (some.length >= AT_ONCE) await flush()
  }
  await flush()
  return nonce
}

function printedBy({ problem, tests }: CaseEntry, wrong: boolean): Buffer[] {
  return Array.from({ length: tests }, (_, test) =>
    Buffer.from(`Return value: void\nArguments after function call: ([ ${test}, ${problem}${wrong ? ', 0' : ''} ], 2)\n`),
  )
}

interface Made {
  verdict: UnsignedVerdict
  envelope: Uint8Array
  name: string
  node: string
  cells: { output: string; bytes: Uint8Array; forms: Awaited<ReturnType<typeof formsOf>> }[]
}

async function verdictOf({ task, printed }: Wanted, nonce: string, key: PrivateKey): Promise<Made> {
  const cells = await Promise.all(
    printed.map(async (bytes) => ({ output: await cidOf(bytes, 'raw'), bytes, forms: await formsOf(bytes) })),
  )
  const tests = cells.map(({ output, bytes }) => ({
    status: 'success' as const,
    output,
    outputBytes: bytes.length,
    findings: [],
  }))
  const environment = { ...ENVIRONMENT, executor: task.task.executor }
  const resources = { compileMs: 300, runMs: 20, ...UNMEASURED }
  const verdict: UnsignedVerdict = { v: 1, task: task.id, nonce, environment, tests, resources }
  const envelope = await seal(verdict, DOMAINS.verdict, key)
  return { verdict, envelope, name: await cidOf(encodeCanonical(verdict), 'dag-cbor'), node: peerIdOf(key), cells }
}

function record(ledger: Ledger, task: TaskEntry, { verdict, envelope, name, node, cells }: Made): void {
  const at = Date.now()
  const { nonce, environment, resources } = verdict
  const given = { t: 'assigned', at, nonce, task: task.key, node, operator: 'one', deadlineAt: at + DEADLINE_MS } as const
  ledger.record(given).catch(() => undefined)
  const blobs = new Map([[name, envelope], ...cells.map(({ output, bytes }) => [output, bytes] as const)])
  const votes = cells.map(({ output, forms }) => ({ status: 'success' as const, output, ...forms, findings: [] }))
  const said = { nonce, verdict: name, class: classOf(environment, 'plain'), environment, cells: votes, resources }
  ledger.record({ t: 'verdict', at, ...said }, blobs).catch(() => undefined)
}
