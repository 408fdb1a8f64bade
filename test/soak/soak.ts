import type { TestStatus } from '../../protocol/index.ts'
import { LIMITS } from '../hostile/attack.ts'
import { ATTACKS } from '../hostile/attacks.ts'
import { attempt, saidBy, surprises, textOf } from '../hostile/attempt.ts'
import { Bait } from '../hostile/bait.ts'
import { Sandboxes } from '../hostile/contained.ts'
import { GOOD } from '../hostile/good.ts'
import { seeded } from '../support/seeded.ts'
import { type Inventory, leftOver, takeInventory } from './inventory.ts'

export interface SoakInit {
  /** Hostile programs; for each two there is a good one beside. */
  count: number
  /** The same seed gives the same order. */
  seed: number
  cacheDir: string
}

export interface SoakReport {
  hostile: number
  good: number
  /** Hostile tests by how they ended. */
  ends: Partial<Record<TestStatus, number>>
  /** What was not as it should be; empty when all is well. */
  wrong: string[]
  before: Inventory
  after: Inventory
  seconds: number
}

/** How many programs are in the sandbox at a time. */
const LANES = 2
/** Hostile programs before the first inventory: what the runtime opens or keeps for good is there after these. */
const WARM_UP = 20

/**
 * Runs hostile programs in random order, good ones between them.
 *
 * 1. A warm-up, then an inventory of what this process holds.
 * 2. The programs, two at a time: each must end as its row says, each good one must be right.
 * 3. Another inventory: it must be the first.
 */
export async function soak({ count, seed, cacheDir }: SoakInit): Promise<SoakReport> {
  await using bait = await Bait.lay(cacheDir)
  const course = new Course(new Sandboxes(), bait, seeded(seed))
  await course.run(WARM_UP)
  const before = await takeInventory(cacheDir)
  const startedAt = performance.now()
  await course.run(count)
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10
  const after = await takeInventory(cacheDir)
  const wrong = [...course.wrong, ...(await bait.harm('')), ...leftOver(before, after)]
  return { hostile: count, good: course.good, ends: course.ends, wrong, before, after, seconds }
}

class Course {
  good = 0
  ends: SoakReport['ends'] = {}
  readonly wrong: string[] = []
  readonly #sandboxes: Sandboxes
  readonly #bait: Bait
  readonly #random: () => number
  constructor(sandboxes: Sandboxes, bait: Bait, random: () => number) {
    this.#sandboxes = sandboxes
    this.#bait = bait
    this.#random = random
  }

  /** That many hostile programs, in lanes that take the next one when they are free. */
  async run(count: number): Promise<void> {
    this.good = 0
    this.ends = {}
    const jobs = Array.from({ length: count }, (_, at) => [this.#hostile(), ...(at % 2 === 0 ? [this.#right()] : [])]).flat()
    const lane = async () => {
      for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await job()
    }
    await Promise.all(Array.from({ length: LANES }, lane))
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T
  }

  #hostile(): () => Promise<void> {
    const attack = this.#pick(ATTACKS)
    return async () => {
      const runs = await attempt(await this.#sandboxes.of(attack.compileWallMs), attack, this.#bait)
      const said = saidBy(runs)
      const told = said.includes(this.#bait.secret) || /^ESCAPED/m.test(said) ? ['it got out'] : []
      for (const what of [...told, ...surprises(attack, runs)]) this.wrong.push(`${attack.id} ${attack.name}: ${what}`)
      for (const { status } of runs) this.ends[status] = (this.ends[status] ?? 0) + 1
    }
  }

  #right(): () => Promise<void> {
    const { program, prints } = this.#pick(GOOD)
    return async () => {
      const { signal } = new AbortController()
      const executor = program.side === 'cpp' ? 'host' : 'emulated'
      const { tests } = await (await this.#sandboxes.of(undefined)).execute(program, executor, LIMITS, { signal })
      const right = tests.every((run, at) => run.status === 'success' && textOf(run) === prints[at])
      if (!right) this.wrong.push(`a good program was wrong: ${tests.map((run) => `${run.status} ${run.detail}`).join('; ')}`)
      this.good += 1
    }
  }
}
