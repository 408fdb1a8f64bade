import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { audit } from '../../coordinator/index.ts'
import { mayClose } from '../../coordinator/state/closing.ts'
import type { RoundEntry } from '../../coordinator/state/model.ts'
import { CONFIDENCE_DEFAULTS, nameProgram, programOf, ROUND_DEFAULTS, type RoundSpec } from '../../protocol/index.ts'
import { type Planned, planned, Recording, SPEC } from '../results/recording.ts'
import { line } from '../support/cases.ts'
import { honest } from '../support/fake-sandbox.ts'
import { patience } from '../support/patience.ts'
import { ended, TestSwarm } from '../support/swarm.ts'
import { until } from '../support/until.ts'

/** Cases of which isolated runs are equal as numbers, different, other on every node, and not there. */
const STRICT_PLAN = [
  planned({ id: 'alike' }, ['success 1.5', 'success 2'], ['success 1.50000001', 'success 2']),
  planned({ id: 'unlike' }, ['success 1', 'success 2'], ['success 1', 'success 4']),
  planned({ id: 'no-compile' }, ['success 1'], ['compile_error']),
  planned({ id: 'none' }, [], []),
  planned({ id: 'split' }, ['success 1'], ['success ?']),
  planned({ id: 'digits' }, ['success 1.000000~'], ['success 1.0000001']),
]
const STRICT: RoundSpec = { ...SPEC, rule: 'strict', passes: [...ROUND_DEFAULTS.passes] }

/** The archive of a small round under a majority, with every pass, and with one of four nodes lying. */
export async function majorityArchive(t: TestContext): Promise<{ bytes: Buffer; recording: Recording }> {
  const recording = await Recording.make(t, { nodes: 4, liar: true, plan: STRICT_PLAN, spec: STRICT })
  return { bytes: (await recording.files()).get('round.car') as Buffer, recording }
}

/** A round in which nobody answers to one program: that of the second case's CUDA side. */
export async function partly(t: TestContext): Promise<Recording> {
  const { item } = STRICT_PLAN[1] as Planned
  const { cid } = await nameProgram(programOf(item, 'cuda'))
  return await Recording.make(t, { plan: STRICT_PLAN, silentOn: (program) => program === cid })
}

/** The same, ended: as many operators as the round waits for could not run it. */
export async function unanswered(t: TestContext): Promise<Recording> {
  const recording = await partly(t)
  const { ledger, round } = recording
  const key = [...round.tasks].find((one) => ledger.state.tasks.get(one)?.votes.length === 0) as string
  for (let n = 0; n < round.spec.giveUpAfter; n++) {
    const [at, nonce] = [Date.UTC(2026, 0, 3) + n, `back-${n}`]
    const given = { node: `node ${n}`, operator: `net 198.51.${n}.0/24`, deadlineAt: at + 1 }
    await ledger.record({ t: 'assigned', at, nonce, task: key, ...given })
    await ledger.record({ t: 'ended', at, nonce, how: 'declined', reason: 'no-toolchain' })
  }
  return recording
}

/**
 * A round under a confidence policy over libp2p: batches, checks, a liar that is suspended, what it said asked again. Its
 * archive as it was made at its end, and as it is made when it has left memory.
 */
export async function confidenceArchive(t: TestContext, folder: string): Promise<{ bytes: Buffer; closed: Buffer }> {
  const policy = { ...CONFIDENCE_DEFAULTS, theta: 0.99 }
  const spec: RoundSpec = { ...ROUND_DEFAULTS, rule: 'compat', passes: [], v: 1, name: 'confident', policy }
  const swarm = await TestSwarm.start(t, folder)
  let lying = false
  for (let n = 0; n < 7; n++) await swarm.addNode(`honest${n}`)
  await swarm.addNode('liar', (...asked) => (lying ? { output: Buffer.from('whatever') } : honest(...asked)))
  const client = await swarm.researcher('researcher', patience(200_000))
  const round = async (name: string, first: number, count: number) => {
    const lines = Array.from({ length: count }, (_, n) => line(first + n, { wrong: n % 3 === 2 }))
    await writeFile(join(folder, `${name}.jsonl`), `${lines.join('\n')}\n`)
    return (await ended(client, await swarm.submit(client, join(folder, `${name}.jsonl`), spec))).round
  }
  await round('first', 1, 45)
  lying = true
  const second = await round('second', 1_001, 60)
  const fetched = async () => {
    const parts: Uint8Array[] = []
    for await (const { name, bytes } of client.fetch(second, { partial: false })) if (name === 'round.car') parts.push(bytes)
    return Buffer.concat(parts)
  }
  const bytes = await fetched()
  const { ledger } = swarm.coordinator
  await until(() => mayClose(ledger.state, ledger.state.roundNamed(second) as RoundEntry), 'it may leave memory')
  await ledger.record({ t: 'round-closed', at: Date.now(), round: second })
  return { bytes, closed: await fetched() }
}

/** Audits bytes by writing them to a file. */
export async function audited(folder: string, bytes: Uint8Array, options: { key?: string; cases?: readonly string[] } = {}) {
  const file = join(folder, 'audited.car')
  await writeFile(file, bytes)
  return await audit(file, { key: null, ...options, onProgress: () => {} })
}
