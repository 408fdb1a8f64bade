import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pino from 'pino'
import { Coordinator } from '../../../coordinator/index.ts'
import { History } from '../../../node/history/history.ts'
import {
  AGENT,
  checkCaseFile,
  createHost,
  loadIdentity,
  parseAddress,
  ResearcherClient,
  ROUND_DEFAULTS,
  type RoundSpec,
  readCases,
} from '../../../protocol/index.ts'
import { anytime } from '../../support/anytime.ts'
import { line } from '../../support/cases.ts'
import { gathered } from '../../support/gathered.ts'
import { seeded } from '../../support/seeded.ts'
import type { NodeSaid } from '../acknowledged.ts'
import { findLosses } from '../kill/losses.ts'
import type { DaemonArguments } from './daemon.ts'

export interface NodeSoakInit {
  /** How often the node is killed. */
  kills: number
  /** At least so many tasks are done, whatever the number of kills. */
  tasks: number
  seed: number
  say: (line: string) => void
}

/** What a process holds. */
export interface Held {
  tasks: number
  rssMib: number
  /** What its objects take once all others were collected. */
  heapMib: number
  files: number
  children: number
  diskMib: number
}

export interface NodeSoakReport {
  kills: number
  tasks: number
  acknowledged: number
  seconds: number
  held: Held[]
  wrong: string[]
}

const CHILD = fileURLToPath(new URL('daemon.ts', import.meta.url))
const CASES = 25
/** Share of the lives that end at any time from their beginning on, and until when these do. */
const SHORT_LIVES = 0.3
const LONGEST_START_MS = 1_500
/** The others end so long after their first acknowledged verdict, at most; or when there was none for so long. */
const LONGEST_WORK_MS = 400
const IDLE_LIFE_MS = 20_000
/** Left alone, the last tenth of its looks may find so much more than the third one did, MiB; of some looks there is nothing to say. */
const HEAP_GROWTH_MIB = 8
const LEAST_LOOKS = 30
/** What a round may take when nothing is killed; after it something hangs. No pass mark. */
const ROUND_MS = 10 * 60_000
const SPEC: RoundSpec = {
  ...ROUND_DEFAULTS,
  ...{ v: 1, name: 'soak', rule: 'compat', passes: [] },
  policy: { kind: 'majority', quorum: 1, replicas: 1 },
}
const log = pino({ level: 'silent' })

/**
 * 1. A real coordinator, and rounds that follow each other.
 * 2. One node does all of it, and is killed with -9 at random moments and started again; then it is left alone.
 * 3. Every case is judged as it must be; what was acknowledged is in the log, once, and in the node's history.
 */
export async function soakNode(init: NodeSoakInit): Promise<NodeSoakReport> {
  const began = performance.now()
  const home = await mkdtemp(join(tmpdir(), 'kernelswarm-node-'))
  anytime(join(home, 'node'))
  const coordinator = await startCoordinator(home)
  const node = new Killed(home, coordinator.addresses()[0] as string)
  const wrong: string[] = []
  const held: Held[] = []
  let tasks = 0
  let kills = 0
  try {
    const researcher = await connect(home, coordinator)
    const random = seeded(init.seed)
    const killing = (async () => {
      while (kills < init.kills) {
        // Some lives end while they begin, most in the middle of work.
        if (random() < SHORT_LIVES) await sleep(random() * LONGEST_START_MS)
        else {
          await node.acknowledged(IDLE_LIFE_MS)
          await sleep(random() * LONGEST_WORK_MS)
        }
        await node.kill()
        if (++kills % 10 === 0) init.say(`${kills} kills, ${tasks} tasks`)
      }
    })()
    let over = false
    const left = killing.finally(() => {
      over = true
    })
    for (let round = 0; !over || tasks < init.tasks; round++) {
      wrong.push(...(await runRound(home, researcher.client, round)))
      tasks += 2 * CASES
      if (over) held.push(await node.holds(tasks))
      if (wrong.length > 0) break
    }
    await left
    await researcher.stop()
  } finally {
    await node.stop()
    await coordinator.stop()
  }
  const losses = await findLosses(home)
  wrong.push(...losses.wrong, ...(await missingInHistory(home)), ...growthOf(held))
  if (wrong.length === 0) await rm(home, { recursive: true, force: true })
  else init.say(`left in ${home}`)
  return { kills, tasks, acknowledged: losses.acknowledged, seconds: Math.round((performance.now() - began) / 1000), held, wrong }
}

/** Whether objects stay that nobody needs: what a process takes of the machine also grows as its runtime sees fit. */
function growthOf(held: readonly Held[]): string[] {
  if (held.length < LEAST_LOOKS) return []
  const tenth = Math.floor(held.length / 10)
  const least = (looks: readonly Held[]) => Math.min(...looks.map(({ heapMib }) => heapMib))
  const [before, after] = [least(held.slice(2 * tenth, 3 * tenth)), least(held.slice(-tenth))]
  return after - before > HEAP_GROWTH_MIB ? [`its heap grew from ${before} to ${after} MiB`] : []
}

async function startCoordinator(home: string): Promise<Coordinator> {
  return await Coordinator.start({
    ...{ data: join(home, 'coordinator'), listen: ['/ip4/127.0.0.1/tcp/0'], http: null, agent: AGENT, log },
    ...{ singleOperator: true, localResearchers: true, reserveBytes: 0 },
  })
}

async function connect(home: string, coordinator: Coordinator) {
  const host = await createHost({ key: await loadIdentity(join(home, 'researcher.key')), listen: [] })
  const address = parseAddress(coordinator.addresses()[0] as string)
  const client = await ResearcherClient.connect(host, address, { signal: new AbortController().signal })
  return { client, stop: async () => await host.stop() }
}

/** Sends a round of new cases and waits for its end. @returns what was not as it must be */
async function runRound(home: string, client: ResearcherClient, round: number): Promise<string[]> {
  const file = join(home, `cases-${round}.jsonl`)
  await writeFile(file, Array.from({ length: CASES }, (_, n) => `${line(round * CASES + n, { wrong: n % 5 === 4 })}\n`).join(''))
  const { digest, cases } = await checkCaseFile(file)
  const { round: id, have } = await client.open(SPEC, digest, '')
  await client.send(id, readCases(file, { skip: have }), have, () => {})
  await client.seal(id, cases)
  const late = AbortSignal.timeout(ROUND_MS)
  let last: { judged: number; judgements: { equivalent: number; different: number } } | null = null
  for await (const progress of client.watch(id)) {
    last = progress
    if (late.aborted) return [`round ${round} has not ended after ${ROUND_MS} ms`]
  }
  await rm(file)
  const { equivalent = -1, different = -1 } = last?.judgements ?? {}
  const expected = { equivalent: CASES - Math.floor(CASES / 5), different: Math.floor(CASES / 5) }
  if (equivalent === expected.equivalent && different === expected.different) return []
  return [
    `round ${round}: ${equivalent} equivalent and ${different} different, ${expected.equivalent} and ${expected.different} expected`,
  ]
}

/** Of what was acknowledged what the node does not know: what it did not write before it was killed may be `lost` there, not gone. */
async function missingInHistory(home: string): Promise<string[]> {
  const history = await History.open(join(home, 'node', 'history'), { log })
  const runs = await gathered(history.runs())
  await history.close()
  const known = new Map(runs.map((run) => [run.nonce, run]))
  if (known.size < runs.length) return ['a run stands in the history twice']
  const accepted = runs.filter(({ answer }) => answer === 'accepted')
  return accepted.filter(({ end }) => end === null).map(({ nonce }) => `run ${nonce} was accepted and goes on`)
}

/** A node in a process of its own, started again whenever it is killed. */
class Killed {
  readonly #arguments: DaemonArguments
  #child: ChildProcess
  #said: string[] = []
  #heard = Promise.withResolvers<void>()
  #heap = Promise.withResolvers<number>()

  constructor(home: string, coordinator: string) {
    const own = { data: join(home, 'node'), acknowledged: join(home, 'acknowledged-node') }
    this.#arguments = { ...own, coordinator, delayMs: 20, slots: 4 }
    this.#child = this.#start()
  }

  #start(): ChildProcess {
    const child = fork(CHILD, [JSON.stringify(this.#arguments)], {
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    child.stderr?.on('data', (text: Buffer) => this.#said.push(String(text)))
    child.on('message', (said: NodeSaid) => {
      if (said.t === 'accepted') this.#heard.resolve()
      if (said.t === 'heap') this.#heap.resolve(said.bytes)
    })
    return child
  }

  async kill(): Promise<void> {
    const ended = once(this.#child, 'exit')
    // One that has ended by itself has said why.
    if (!this.#child.kill('SIGKILL')) throw new Error(`the node ended by itself: ${this.#said.join('').slice(-2_000)}`)
    await ended
    this.#heard = Promise.withResolvers<void>()
    this.#child = this.#start()
  }

  /** Resolves when this life had a verdict acknowledged, or after so long. */
  async acknowledged(ms: number): Promise<void> {
    const late = new AbortController()
    await Promise.race([this.#heard.promise, sleep(ms, undefined, { signal: late.signal }).catch(() => undefined)])
    late.abort()
  }

  async holds(tasks: number): Promise<Held> {
    const { pid } = this.#child
    this.#heap = Promise.withResolvers()
    this.#child.send('heap')
    const heapBytes = await this.#heap.promise
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
    return {
      tasks,
      rssMib: Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024),
      heapMib: Math.round(heapBytes / 2 ** 20),
      files: (await readdir(`/proc/${pid}/fd`)).length,
      children: children.split(' ').filter((one) => one.trim() !== '').length,
      diskMib: Math.round((await bytesIn(this.#arguments.data)) / 2 ** 20),
    }
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit')
    if (this.#child.exitCode === null && this.#child.kill('SIGTERM')) await ended
  }
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true })
  // A database takes files away at any time.
  const sizes = await Promise.all(
    entries.map((entry) =>
      stat(join(folder, entry)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
