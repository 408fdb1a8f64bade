import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { line } from '../../support/cases.ts'
import { freePort } from '../../support/free-port.ts'
import { seeded } from '../../support/seeded.ts'
import { STABLE } from '../../support/stable.ts'
import { findLosses } from './losses.ts'
import { coordinator, type Life, Node, Submit } from './processes.ts'

export interface KillInit {
  /** How often the coordinator is killed. */
  kills: number
  /** The same seed draws the same victims and moments; what they meet there is chance. */
  seed: number
  /** Cases of one round. */
  cases: number
  /** Whether the folder is kept when all is well. */
  keep?: boolean
  say: (line: string) => void
}

export interface KillReport {
  seed: number
  kills: { coordinator: number; nodes: number; submits: number; when: Record<Moment, number> }
  rounds: number
  verdicts: number
  acknowledged: number
  seconds: number
  /** What was not as it should be; empty when all is well. */
  wrong: string[]
  folder: string
}

/** When a coordinator is killed: `start-up` is any time before it can be reached. */
const MOMENTS = ['start-up', 'any time', 'after an acknowledgement', 'before a write', 'during a write', 'after a write'] as const
type Moment = (typeof MOMENTS)[number]

/** Honest nodes, and one that says something else each time: what is decided must not depend on who is heard first. */
const CONDUCTS = ['honest', 'honest', 'honest', 'random'] as const
/** Rounds that are under way at a time. */
const SUBMITS = 2
const ANSWER_MS = 120
/** A coordinator ends itself at one of its first writes, this many to choose from. */
const WRITES = 25
/** A life in which nothing happens that is waited for, as where nodes are still waiting to try again, ends all the same. */
const IDLE_LIFE_MS = 6_000
/** After these, something hangs; none of them is a pass mark. */
const START_MS = 60_000
const FINISH_MS = 10 * 60_000

/**
 * 1. A coordinator lives for a moment and is killed, as often as it is told; nodes answer and rounds are submitted all the
 *    time, and of these one or the other is killed now and then.
 * 2. It is left alone until all rounds have ended, and stopped.
 * 3. What was acknowledged is looked for in its log (`losses.ts`).
 * 4. The same rounds, undisturbed, in a folder of their own: the same files.
 */
export async function killed(init: KillInit): Promise<KillReport> {
  const began = performance.now()
  const folder = await mkdtemp(join(tmpdir(), 'kernelswarm-killed-'))
  init.say(`seed ${init.seed}, in ${folder}`)
  const wrong: string[] = []
  const course = new Course(folder, init)
  try {
    await course.disturb()
    await course.finish()
  } catch (error) {
    wrong.push((error as Error).message)
  } finally {
    await course.end()
  }
  const { kills, rounds } = course
  const losses = await findLosses(join(folder, 'disturbed'))
  wrong.push(...losses.wrong)
  if (wrong.length === 0) wrong.push(...(await compareUndisturbed(folder, init, rounds)))
  if (wrong.length === 0 && init.keep !== true) await rm(folder, { recursive: true, force: true })
  const { verdicts, acknowledged } = losses
  const seconds = Math.round((performance.now() - began) / 1000)
  return { seed: init.seed, kills, rounds, verdicts, acknowledged, seconds, wrong, folder }
}

/** Every second round has an isolated pass as well, of which somebody has to compare the reports. */
function optionsOf(round: number): string[] {
  return round % 2 === 0 ? ['--rule', 'compat', '--passes', 'none'] : ['--passes', 'isolated']
}

async function caseFile(folder: string, round: number, cases: number): Promise<string> {
  const file = join(folder, 'cases', `${round}.jsonl`)
  const lines = Array.from({ length: cases }, (_, n) => line(round * 1000 + n, { wrong: n % 3 === 2 }))
  await mkdir(join(folder, 'cases'), { recursive: true })
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}

/** A swarm of processes in a folder; its coordinator comes and goes. */
class Course {
  readonly kills: KillReport['kills'] = {
    ...{ coordinator: 0, nodes: 0, submits: 0 },
    when: Object.fromEntries(MOMENTS.map((moment) => [moment, 0])) as Record<Moment, number>,
  }
  /** Rounds begun so far. */
  rounds = 0
  readonly #folder: string
  readonly #home: string
  readonly #init: KillInit
  readonly #random: () => number
  readonly #ending = new AbortController()
  #coordinator: Life | null = null
  #port = 0
  #address = ''
  #nodes: Node[] = []
  #submits: (Submit | null)[] = []
  #submitting: Promise<void>[] = []
  #failed: Error | null = null
  #isLast = false
  /** Of a coordinator that was not killed before: from its birth until it could be reached. */
  #startMs = 1_500
  #heard = new Set<() => void>()
  #connected = new Set<() => void>()

  constructor(folder: string, init: KillInit) {
    this.#folder = folder
    this.#home = join(folder, 'disturbed')
    this.#init = init
    this.#random = seeded(init.seed)
  }

  async disturb(): Promise<void> {
    await mkdir(this.#home, { recursive: true })
    this.#port = await freePort()
    await this.#begin()
    while (this.kills.coordinator < this.#init.kills) {
      if (this.#failed !== null) throw this.#failed
      await this.#live(this.#draw())
      if (this.kills.coordinator % 10 === 0) this.#report()
    }
  }

  /** All that was begun comes to its end. */
  async finish(): Promise<void> {
    this.#isLast = true
    const life = await this.#reachable(coordinator(this.#home, this.#port, null))
    this.#init.say(`left alone after ${this.kills.coordinator} kills; ${this.rounds} rounds were begun`)
    await within(FINISH_MS, 'all rounds have ended', Promise.race([Promise.all(this.#submitting), life.ended]))
    if (this.#failed !== null) throw this.#failed
    if (life.isOver) throw new Error(`the coordinator ended by itself: ${life.words}`)
    for (const node of this.#nodes) await node.stop()
    life.child.kill('SIGTERM')
    if ((await life.ended) !== 0) throw new Error(`the coordinator did not stop as it should: ${life.words}`)
  }

  async end(): Promise<void> {
    this.#ending.abort()
    for (const submit of this.#submits) await submit?.stop()
    for (const node of this.#nodes) await node.stop()
    await this.#coordinator?.kill()
  }

  /** The first life: it lasts until all others are there. */
  async #begin(): Promise<void> {
    const life = await this.#reachable(coordinator(this.#home, this.#port, null))
    this.#nodes = CONDUCTS.map((conduct, n) => {
      const init = { conduct, coordinator: this.#address, data: join(this.#home, `node-${n}`), delayMs: ANSWER_MS }
      return new Node(this.#home, { ...init, acknowledged: join(this.#home, `acknowledged-${n}.txt`) }, (said) => {
        for (const hear of said.t === 'accepted' ? this.#heard : this.#connected) hear()
      })
    })
    this.#submits = Array.from({ length: SUBMITS }, () => null)
    this.#submitting = this.#submits.map((_, slot) => this.#submitAll(slot))
    await this.#acknowledgements(1, START_MS)
    await life.kill()
  }

  /** One round after the other, until the last kill. */
  async #submitAll(slot: number): Promise<void> {
    try {
      while (!this.#isLast && !this.#ending.signal.aborted) {
        const round = this.rounds++
        const file = await caseFile(this.#folder, round, this.#init.cases)
        const out = join(this.#folder, 'results', String(round))
        const submit = new Submit(this.#home, { address: this.#address, file, out, options: optionsOf(round) })
        this.#submits[slot] = submit
        await submit.done
      }
    } catch (error) {
      this.#failed ??= error as Error
    }
  }

  #draw(): Moment {
    return MOMENTS[Math.floor(this.#random() * MOMENTS.length)] as Moment
  }

  /** A coordinator from its birth to its end. */
  async #live(moment: Moment): Promise<void> {
    const [when, whom, which] = [this.#random(), this.#random(), this.#random()]
    const point = pointOf(moment, when)
    const life = coordinator(this.#home, this.#port, point)
    this.#coordinator = life
    if (moment === 'start-up') {
      await Promise.race([sleep(when * this.#startMs), life.ended])
    } else {
      await this.#reachable(life)
      const other = this.#killAnother(whom, which)
      if (moment === 'any time') await Promise.race([this.#connection(), sleep(IDLE_LIFE_MS)]).then(() => sleep(when * 1_000))
      else if (moment === 'after an acknowledgement') await this.#acknowledgements(1 + Math.floor(when * 30), IDLE_LIFE_MS)
      else await Promise.race([life.ended, sleep(IDLE_LIFE_MS)])
      await life.kill()
      await other
    }
    if (life.child.exitCode !== null) throw new Error(`the coordinator ended by itself (${life.child.exitCode}): ${life.words}`)
    await life.kill()
    this.kills.coordinator++
    this.kills.when[moment]++
  }

  /** Resolves when nodes and researchers can reach it, or it has ended at a point of its own. @throws when it cannot be started */
  async #reachable(life: Life): Promise<Life> {
    this.#coordinator = life
    const greeted = await within(START_MS, 'the coordinator can be reached', life.said(/node start --coordinator (\S+)/))
    if (greeted === null && life.child.exitCode !== null) {
      throw new Error(`the coordinator does not start (${life.child.exitCode}): ${life.words}`)
    }
    if (greeted !== null) {
      this.#address = greeted[1] as string
      this.#startMs = performance.now() - life.bornAt
    }
    return life
  }

  /** Now and then a node or a submit goes, too. */
  async #killAnother(whom: number, which: number): Promise<void> {
    await sleep(which * 1_000)
    if (whom < 0.2) {
      this.kills.nodes++
      await this.#nodes[Math.floor(which * this.#nodes.length)]?.kill()
    } else if (whom < 0.4) {
      this.kills.submits++
      await this.#submits[Math.floor(which * SUBMITS)]?.kill()
    }
  }

  /** So many verdicts have been acknowledged from now on, or it takes too long. */
  async #acknowledgements(count: number, withinMs: number): Promise<void> {
    let left = count
    await Promise.race([next(this.#heard, () => --left === 0), sleep(withinMs)])
  }

  async #connection(): Promise<void> {
    await next(this.#connected, () => true)
  }

  #report(): void {
    const { coordinator: times, nodes, submits } = this.kills
    this.#init.say(`${times} of ${this.#init.kills} kills, ${nodes} of nodes, ${submits} of submits; ${this.rounds} rounds begun`)
  }
}

function pointOf(moment: Moment, when: number): string | null {
  const nth = 1 + Math.floor(when * WRITES)
  if (moment === 'before a write') return `before:${nth}`
  if (moment === 'during a write') return `during:${nth}:${Math.floor(((when * WRITES) % 1) * 2_000)}`
  return moment === 'after a write' ? `after:${nth}` : null
}

/** Resolves when something is heard that is what was waited for. */
async function next(heard: Set<() => void>, isIt: () => boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const hear = () => {
    if (!isIt()) return
    heard.delete(hear)
    resolve()
  }
  heard.add(hear)
  await promise
}

/** The same rounds where nobody is killed. */
async function compareUndisturbed(folder: string, init: KillInit, rounds: number): Promise<string[]> {
  const home = join(folder, 'undisturbed')
  await mkdir(home, { recursive: true })
  const life = coordinator(home, await freePort(), null)
  const address = (await within(START_MS, 'the coordinator can be reached', life.said(/node start --coordinator (\S+)/)))?.[1]
  if (address === undefined) return [`the undisturbed coordinator does not start: ${life.words}`]
  const nodes = ['honest', 'honest', 'honest'].map(
    (_, n) =>
      new Node(
        home,
        {
          ...{ coordinator: address, conduct: 'honest', delayMs: 0 },
          data: join(home, `node-${n}`),
          acknowledged: join(home, `acknowledged-${n}.txt`),
        },
        () => {},
      ),
  )
  const wrong: string[] = []
  try {
    for (let round = 0; round < rounds; round++) {
      const out = join(folder, 'undisturbed-results', String(round))
      const file = join(folder, 'cases', `${round}.jsonl`)
      const submit = new Submit(home, { address, file, out, options: optionsOf(round) })
      await within(FINISH_MS, `round ${round} has ended undisturbed`, submit.done)
      wrong.push(...(await differences(join(folder, 'results', String(round)), out, init.cases, round)))
    }
  } catch (error) {
    wrong.push((error as Error).message)
  } finally {
    for (const node of nodes) await node.stop()
    await life.kill()
  }
  return wrong
}

async function differences(disturbed: string, undisturbed: string, cases: number, round: number): Promise<string[]> {
  const found: string[] = []
  for (const name of STABLE) {
    const [one, other] = await Promise.all([disturbed, undisturbed].map((out) => readFile(join(out, name), 'utf8')))
    if (one !== other) found.push(`round ${round}: ${name} is not that of the undisturbed run`)
    if (name === 'outcomes.jsonl' && one?.trim().split('\n').length !== cases) found.push(`round ${round}: not ${cases} outcomes`)
  }
  return found
}

async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  const late = new AbortController()
  const timeout = sleep(ms, undefined, { signal: late.signal }).then(() => {
    throw new Error(`not within ${ms / 1000} s: ${what}`)
  })
  timeout.catch(() => undefined)
  return await Promise.race([promise, timeout]).finally(() => late.abort())
}
