import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import type { TaskEntry } from '../../coordinator/state/model.ts'
import type { OperatorStanding } from '../../coordinator/trust/model.ts'
import {
  CONFIDENCE_DEFAULTS,
  cidOf,
  nameProgram,
  type Policy,
  type Program,
  programOf,
  type RoundProgress,
  readCases,
  SIDES,
} from '../../protocol/index.ts'
import { line } from '../support/cases.ts'
import { CONDUCTS, type ConductName, HONEST_FOR } from '../support/conducts.ts'
import { type Line, listening } from '../support/listening.ts'
import { members, Party } from '../support/party.ts'
import { scratch } from '../support/scratch.ts'
import { ended, SPEC, TestSwarm } from '../support/swarm.ts'
import type { WireName } from '../support/wires.ts'

/*
 * The adversaries of the simulator as processes: honest volunteers in one, those who attack in another, each node in a
 * network of its own (127.x.y.1), so that operators count as they do among strangers. The coordinator, the protocol and the
 * volunteers' part are the real ones; what a program prints is given by the conduct, since the sandbox is not what is tried.
 */

const MAJORITY: Policy = { kind: 'majority', quorum: 2, replicas: 3 }
const CONFIDENCE: Policy = { ...CONFIDENCE_DEFAULTS, theta: 0.99, f: 0.1 }

/** How those who attack do it, and with how many nodes. */
interface Attack {
  conduct: ConductName | WireName
  nodes: number
  /** All in one network. */
  together?: boolean
  clockOffMs?: number
}

/** Two thirds of the translations fail: what is likeliest is often wrong. */
async function writeRound(file: string, first: number, cases: number): Promise<string> {
  const lines = Array.from({ length: cases }, (_, n) => line(first + n, { wrong: n % 3 !== 0, tests: 1 }))
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}

/** Second numbers of their addresses. */
const VOLUNTEERS_NET = 1
const ATTACKERS_NET = 66

let volunteers: Party
let attackers: Party

before(async () => {
  ;[volunteers, attackers] = await Promise.all([Party.start(), Party.start()])
})
after(async () => {
  await volunteers[Symbol.asyncDispose]()
  await attackers[Symbol.asyncDispose]()
})

/** A swarm that is under attack. */
class Siege {
  readonly swarm: TestSwarm
  readonly attacking: ReadonlySet<string>
  readonly honest: ReadonlySet<string>
  readonly #folder: string
  readonly #lines: readonly Line[]
  /** By program, what its tests really do. */
  readonly #truth = new Map<string, string[]>()

  private constructor(
    { swarm, folder, lines }: { swarm: TestSwarm; folder: string; lines: readonly Line[] },
    parties: { attacking: string[]; honest: string[] },
  ) {
    this.swarm = swarm
    this.#folder = folder
    this.#lines = lines
    this.attacking = new Set(parties.attacking)
    this.honest = new Set(parties.honest)
  }

  /** Who attacks is there first. */
  static async begin(
    t: TestContext,
    { conduct, nodes, together = false, clockOffMs = 0 }: Attack,
    count: number,
  ): Promise<Siege> {
    const folder = await scratch(t)
    const { log, lines } = listening('info')
    const swarm = await TestSwarm.start(t, folder, { singleOperator: false, log })
    t.after(async () => {
      await volunteers.leave()
      await attackers.leave()
    })
    const where = { coordinator: swarm.address, folder }
    const attacking = await attackers.join({ ...where, conduct, nodes: members(nodes, ATTACKERS_NET, { together }), clockOffMs })
    const honest = await volunteers.join({ ...where, conduct: 'honest', nodes: members(count, VOLUNTEERS_NET) })
    return new Siege({ swarm, folder, lines }, { attacking, honest })
  }

  /** Verifies a round of programs nobody has seen. */
  async verify(policy: Policy, cases: number): Promise<RoundProgress> {
    const client = await this.swarm.researcher()
    const first = 1000 * this.swarm.coordinator.ledger.state.rounds.size
    const file = await writeRound(join(this.#folder, `${first}.jsonl`), first, cases)
    for await (const item of readCases(file)) for (const side of SIDES) await this.#learn(programOf(item, side))
    return await ended(client, await this.swarm.submit(client, file, { ...SPEC, policy, name: `round ${first}` }))
  }

  async #learn(program: Program): Promise<void> {
    const seen = await Promise.all(program.tests.map((_, test) => CONDUCTS.honest()(program, test)))
    const cells = seen.map(async ({ status = 'success', output = new Uint8Array() }) => `${status} ${await cidOf(output, 'raw')}`)
    this.#truth.set((await nameProgram(program)).cid, await Promise.all(cells))
  }

  get tasks(): TaskEntry[] {
    return [...this.swarm.coordinator.ledger.state.tasks.values()]
  }

  /** Tasks of which some cell was decided otherwise than it is. */
  get wrong(): TaskEntry[] {
    return this.tasks.filter(({ task, ballot }) => {
      const true_ = this.#truth.get(task.program) ?? []
      return ballot.cells.some((cell, test) => cell !== null && `${cell.status} ${cell.output}` !== true_[test])
    })
  }

  get undecided(): TaskEntry[] {
    return this.tasks.filter(({ ballot }) => ballot.state !== 'decided')
  }

  /** Votes of those who attack on a task; on all of them. */
  votesOfAttackers({ votes }: TaskEntry): number {
    return votes.filter(({ node }) => this.attacking.has(node)).length
  }

  get allOfAttackers(): number {
    return this.tasks.reduce((sum, task) => sum + this.votesOfAttackers(task), 0)
  }

  /** Votes of theirs that say otherwise than the decision. */
  get against(): number {
    const { nodes } = this.swarm.coordinator.ledger.state
    return [...this.attacking].reduce((sum, node) => sum + (nodes.get(node)?.disagreed ?? 0), 0)
  }

  logged(event: string): Line[] {
    return this.#lines.filter((one) => one.event === event)
  }

  /** How those stand that have the nodes of a party. */
  standings(party: ReadonlySet<string>): OperatorStanding[] {
    const all = [...this.swarm.coordinator.ledger.state.trust.operators.values()]
    return all.filter(({ nodes }) => [...nodes].some((node) => party.has(node))).map(({ standing }) => standing)
  }
}

/** Attackers enough to have the majority now and then, against four volunteers. */
const THREE = 3

/** What is known of a majority: it decides, whoever it is. `lies` tells on which tasks two of those who attack say the same. */
const UNDER_MAJORITY: { id: string; attack: Attack; cases?: number; check: (siege: Siege) => void }[] = [
  {
    id: 'N1, random verdicts: never decide, and leave undecided what two of them voted on',
    attack: { conduct: 'random', nodes: THREE },
    check: (siege) => {
      assert.deepEqual(siege.wrong, [])
      const stalled = siege.tasks.filter((task) => siege.votesOfAttackers(task) >= 2)
      assert.deepEqual(keys(siege.undecided), keys(stalled))
      assert.ok(siege.allOfAttackers > 0)
    },
  },
  {
    id: 'N2, the same lie: decides where two of them voted, and nowhere else',
    attack: { conduct: 'collusion', nodes: THREE },
    check: (siege) => {
      const lost = siege.tasks.filter((task) => siege.votesOfAttackers(task) >= 2)
      assert.ok(lost.length > 0)
      assert.deepEqual(keys(siege.wrong), keys(lost))
      assert.deepEqual(siege.undecided, [])
    },
  },
  {
    id: 'N4, the likeliest without running: decides where two of them voted on what fails',
    attack: { conduct: 'lazy', nodes: THREE },
    check: (siege) => {
      assert.ok(siege.wrong.length > 0)
      for (const { votes, task } of siege.wrong) {
        assert.equal(task.executor, 'emulated')
        assert.ok(votes.filter(({ node }) => siege.attacking.has(node)).length >= 2)
      }
      assert.deepEqual(siege.undecided, [])
    },
  },
  {
    id: 'N5, honest for a while: then decides where two of them voted',
    attack: { conduct: 'turncoat', nodes: THREE },
    cases: 60,
    check: (siege) => {
      assert.ok(siege.wrong.length > 0)
      for (const task of siege.wrong) assert.ok(siege.votesOfAttackers(task) >= 2)
      assert.ok(siege.allOfAttackers - siege.against >= THREE * HONEST_FOR)
    },
  },
  {
    id: 'N8, old verdicts: each counts once, and is refused for whatever else it is sent',
    attack: { conduct: 'replay', nodes: 2 },
    check: (siege) => {
      assert.deepEqual([siege.wrong, siege.undecided, siege.against], [[], [], 0])
      assert.ok(siege.allOfAttackers <= 2)
      assert.deepEqual(codes(siege.logged('verdict-rejected')), ['mismatch'])
    },
  },
  {
    id: 'N9, a key that is not its own: no verdict counts',
    attack: { conduct: 'wrong-key', nodes: 2 },
    check: (siege) => {
      assert.deepEqual([siege.wrong, siege.undecided, siege.allOfAttackers], [[], [], 0])
      assert.deepEqual(codes(siege.logged('verdict-rejected')), ['signature'])
    },
  },
  {
    id: 'N12, one operator under a hundred keys that tell the same lie: one say on a task',
    attack: { conduct: 'collusion', nodes: 100, together: true },
    check: (siege) => {
      assert.deepEqual([siege.wrong, siege.undecided], [[], []])
      assert.ok(siege.allOfAttackers > 0)
      for (const task of siege.tasks) assert.ok(siege.votesOfAttackers(task) <= 1)
    },
  },
  {
    id: 'N13, malformed, oversized and endless frames: cost the others nothing',
    attack: { conduct: 'garbage', nodes: 2 },
    check: (siege) => {
      assert.deepEqual([siege.wrong, siege.undecided, siege.allOfAttackers], [[], [], 0])
      assert.ok(siege.logged('node-cut').length > 0)
    },
  },
  ...[5, -5].map((hours) => ({
    id: `N14, a clock ${hours} hours off: makes no difference`,
    attack: { conduct: 'honest' as const, nodes: 2, clockOffMs: hours * 3_600_000 },
    check: (siege: Siege) => {
      assert.deepEqual([siege.wrong, siege.undecided, siege.against], [[], [], 0])
      assert.ok(siege.allOfAttackers > 0)
    },
  })),
]

const keys = (tasks: readonly TaskEntry[]) => tasks.map(({ key }) => key)
const codes = (lines: readonly Line[]) => [...new Set(lines.map(({ code }) => code))]

describe('under a majority of 2 of 3', { timeout: 300_000 }, () => {
  for (const { id, attack, cases = 30, check } of UNDER_MAJORITY) {
    it(id, async (t) => {
      const siege = await Siege.begin(t, attack, 4)
      const { state, judged } = await siege.verify(MAJORITY, cases)
      assert.deepEqual([state, judged], ['aggregated', cases])
      check(siege)
    })
  }
})

/** What becomes of who attacks. Not believed is who is suspended, or never was admitted. */
type Fate = 'not believed' | 'believed' | 'unheard'

/** Those who attack are a tenth, as assumed, or less; in the first round they meet a swarm in which nobody is known yet. */
const UNDER_CONFIDENCE: { id: string; attack: Attack; honest: number; fate: Fate }[] = [
  { id: 'N1, random verdicts', attack: { conduct: 'random', nodes: 1 }, honest: 10, fate: 'not believed' },
  { id: 'N2, the same lie', attack: { conduct: 'collusion', nodes: 2 }, honest: 18, fate: 'not believed' },
  { id: 'N4, the likeliest without running', attack: { conduct: 'lazy', nodes: 1 }, honest: 10, fate: 'not believed' },
  { id: 'N5, honest for a while', attack: { conduct: 'turncoat', nodes: 2 }, honest: 18, fate: 'not believed' },
  { id: 'N8, old verdicts', attack: { conduct: 'replay', nodes: 1 }, honest: 10, fate: 'unheard' },
  { id: 'N9, a key that is not its own', attack: { conduct: 'wrong-key', nodes: 1 }, honest: 10, fate: 'unheard' },
  {
    id: 'N12, one operator under a hundred keys',
    attack: { conduct: 'collusion', nodes: 100, together: true },
    honest: 10,
    fate: 'not believed',
  },
  { id: 'N13, endless frames', attack: { conduct: 'garbage', nodes: 1 }, honest: 10, fate: 'unheard' },
  ...[5, -5].map((hours) => ({
    id: `N14, a clock ${hours} hours off`,
    attack: { conduct: 'honest' as const, nodes: 1, clockOffMs: hours * 3_600_000 },
    honest: 10,
    fate: 'believed' as const,
  })),
]

/** Rounds in which one who lies must have been found out; he may be given little at first. */
const MOST_ROUNDS = 5

describe('under confidence .99, a tenth assumed to be saboteurs', { timeout: 900_000 }, () => {
  for (const { id, attack, honest, fate } of UNDER_CONFIDENCE) {
    it(`${id}: nothing wrong is decided, and nothing happens to who is honest`, async (t) => {
      const siege = await Siege.begin(t, attack, honest)
      const { trust } = siege.swarm.coordinator.ledger.state
      const standing = (one: OperatorStanding) => siege.standings(siege.attacking).includes(one)
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const cases = 4 * honest
        const { state, judged, verdicts, tasks } = await siege.verify(CONFIDENCE, cases)
        t.diagnostic(`${(verdicts / tasks.total).toFixed(2)} replicas a task`)
        assert.deepEqual([state, judged, tasks.decided], ['aggregated', cases, tasks.total])
        assert.deepEqual(keys(siege.wrong), [])
        if (round > 0 && !trust.bootstrap && standing('established') === (fate === 'believed')) break
      }
      assert.equal(trust.bootstrap, false)
      assert.equal(standing('established'), fate === 'believed')
      if (fate === 'unheard') assert.ok(siege.allOfAttackers <= attack.nodes)
      else assert.ok(siege.allOfAttackers > 0)
      for (const { kind, nodes } of trust.incidents) {
        t.diagnostic(`${kind}: ${nodes.length} nodes`)
        for (const node of nodes) assert.ok(siege.attacking.has(node), node)
      }
    })
  }
})
