import { setTimeout as sleep } from 'node:timers/promises'
import { CoordinatorProcess } from './coordinator-process.ts'
import { cpuSeconds, memoryOf } from './process-figures.ts'
import { Submitter } from './submitter.ts'
import { ToldProcess } from './told-process.ts'
import type { Seen } from './volunteers.ts'
import type { Said, Told } from './volunteers-process.ts'

/** How often the nodes are asked what they have seen. */
const LOOK_MS = 200
/** Nothing may stand still for so long. */
const STALLED_MS = 120_000

type VolunteersProcess = ToldProcess<Told, Said>

/**
 * The engine of some hundred nodes in one process goes through all of their memory every twenty seconds, for a third of one: each
 * verdict that is acknowledged meanwhile would be late by the bench's own clock. A node by itself has next to nothing to go through.
 */
const WITHOUT_COLLECTIONS = [
  '--min-semi-space-size=64',
  '--max-semi-space-size=64',
  '--heap-growing-percent=1000',
  '--external-memory-accounted-in-global-limit',
]
const VOLUNTEERS = new URL('volunteers-process.ts', import.meta.url)

/** What a stretch of the bench took. */
export interface Stretch {
  wallS: number
  coordinatorCpuS: number
  /** Of the nodes' processes and the researcher's. */
  loadCpuS: number
  acknowledged: number
  ackMs: number[]
  residentBytes: number
  ownBytes: number
}

/** A coordinator, processes of nodes and a researcher, and what each of them takes. */
export class LoadSwarm implements AsyncDisposable {
  readonly coordinator: CoordinatorProcess
  readonly #volunteers: VolunteersProcess[]
  readonly #submitter: Submitter
  seen: Seen = { welcomed: 0, lost: 0, refused: 0, acknowledged: 0, served: 0, ackMs: [] }

  private constructor(coordinator: CoordinatorProcess, volunteers: VolunteersProcess[], submitter: Submitter) {
    this.coordinator = coordinator
    this.#volunteers = volunteers
    this.#submitter = submitter
  }

  static async start(folder: string, init: { processes: number; profile: string | null; http?: boolean }): Promise<LoadSwarm> {
    const coordinator = await CoordinatorProcess.start(folder, init)
    const volunteers = Array.from(
      { length: init.processes },
      (): VolunteersProcess => new ToldProcess(VOLUNTEERS, WITHOUT_COLLECTIONS),
    )
    return new LoadSwarm(coordinator, volunteers, await Submitter.start(coordinator.address))
  }

  /**
   * So many nodes connect; resolves when all of them have been welcomed.
   * @param init.net each has an address of its own, in 127.`net`/16 and the next ones; @default all have this machine's
   */
  async join(nodes: number, slots: number, init: { net?: number } = {}): Promise<Stretch> {
    return await this.#measure(async () => {
      const { address } = this.coordinator
      const netOf = (at: number) => (init.net === undefined ? null : init.net + at)
      const share = Math.ceil(nodes / this.#volunteers.length)
      const shares = this.#volunteers.map((_, at) => Math.max(0, Math.min(share, nodes - at * share)))
      await Promise.all(
        this.#volunteers.map((one, at) => one.tell({ t: 'join', address, nodes: shares[at] ?? 0, slots, net: netOf(at) })),
      )
      await this.#until(
        () => this.seen.welcomed >= nodes,
        () => this.seen.welcomed,
      )
    })
  }

  async pace(runMs: number): Promise<void> {
    await Promise.all(this.#volunteers.map((one) => one.tell({ t: 'pace', runMs })))
  }

  /** A round of so many cases, from its first message until it is aggregated. Each case has two tasks of two verdicts. */
  async round(cases: number): Promise<Stretch> {
    return await this.#measure(async () => {
      const expected = this.seen.acknowledged + 4 * cases
      const round = await this.#submitter.submit(cases)
      await this.#until(
        () => this.seen.acknowledged >= expected,
        () => this.seen.acknowledged,
      )
      await this.#submitter.ended(round, cases)
    })
  }

  /**
   * Some time of a round that is all here before work of it is given, at the pace that was asked for: what cases cost that come in is
   * no part of it, nor the moment in which all nodes are given work at once.
   * @throws when the round has too few cases for that
   */
  async steady(cases: number, { settlingS, timedS }: { settlingS: number; timedS: number }): Promise<Stretch> {
    const all = this.seen.acknowledged + 4 * cases
    const round = await this.#submitter.submitPaused(cases)
    await this.#submitter.resume(round)
    await this.#pass(settlingS)
    const stretch = await this.#measure(async () => await this.#pass(timedS))
    if (this.seen.acknowledged >= all) throw new Error(`${cases} cases were over within ${settlingS + timedS} s`)
    await this.pace(0)
    await this.#until(
      () => this.seen.acknowledged >= all,
      () => this.seen.acknowledged,
    )
    await this.#submitter.ended(round, cases)
    return stretch
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#submitter[Symbol.asyncDispose]()
    await Promise.all(this.#volunteers.map((one) => one[Symbol.asyncDispose]()))
    await this.coordinator[Symbol.asyncDispose]()
  }

  async #measure(what: () => Promise<void>): Promise<Stretch> {
    await this.#look()
    const before = { at: performance.now(), ...this.#cpu(), ...this.seen }
    this.seen.ackMs = []
    await Promise.race([what(), this.coordinator.failed])
    await this.#look()
    const { ackMs } = this.seen
    this.seen.ackMs = []
    const cpu = this.#cpu()
    return {
      wallS: (performance.now() - before.at) / 1000,
      coordinatorCpuS: cpu.coordinator - before.coordinator,
      loadCpuS: cpu.load - before.load,
      acknowledged: this.seen.acknowledged - before.acknowledged,
      ackMs,
      ...memoryOf(this.coordinator.pid),
    }
  }

  #cpu(): { coordinator: number; load: number } {
    const load = [process.pid, ...this.#volunteers.map(({ pid }) => pid)].reduce((sum, pid) => sum + cpuSeconds(pid), 0)
    return { coordinator: cpuSeconds(this.coordinator.pid), load }
  }

  async #look(): Promise<void> {
    const all = await Promise.all(this.#volunteers.map((one) => one.tell({ t: 'report' })))
    const sum = (of: (seen: Seen) => number) => all.reduce((total, { seen }) => total + of(seen), 0)
    this.seen = {
      welcomed: sum(({ welcomed }) => welcomed),
      lost: sum(({ lost }) => lost),
      refused: sum(({ refused }) => refused),
      acknowledged: sum(({ acknowledged }) => acknowledged),
      served: sum(({ served }) => served),
      ackMs: [...this.seen.ackMs, ...all.flatMap(({ seen }) => seen.ackMs)],
    }
  }

  /** Waits, and takes meanwhile what the nodes have seen. */
  async #pass(seconds: number): Promise<void> {
    const end = performance.now() + seconds * 1000
    await this.#until(
      () => performance.now() >= end,
      () => this.seen.acknowledged,
    )
  }

  /** @throws when it does not come about and nothing goes on any more */
  async #until(done: () => boolean, progress: () => number): Promise<void> {
    let last = { at: performance.now(), progress: -1 }
    while (!done()) {
      await sleep(LOOK_MS)
      await this.#look()
      const now = performance.now()
      if (progress() !== last.progress) last = { at: now, progress: progress() }
      if (now - last.at > STALLED_MS) throw new Error(`nothing has gone on for ${STALLED_MS} ms, at ${progress()}`)
    }
  }
}
