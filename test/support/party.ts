import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ConductName } from './conducts.ts'
import type { WireName } from './wires.ts'

/** What a party's process is told. */
export type Told = ({ t: 'join' } & Joining) | { t: 'leave' }
/** What it says when it has done it. */
export type Said = { t: 'done'; nodes: string[] } | { t: 'failed'; message: string }

export interface Member {
  /** Of its folder. */
  name: string
  /** The address its connections come from, in 127/8. */
  from: string
  /** File of a certificate of its owner. */
  certificate: string | null
}

export interface Joining {
  coordinator: string
  /** Folder of the nodes' folders. */
  folder: string
  conduct: ConductName | WireName
  nodes: Member[]
  /** Added to what the process takes the time to be. */
  clockOffMs: number
}

const PROCESS = fileURLToPath(new URL('party-process.ts', import.meta.url))

/** A process of its own with nodes that belong to one party: honest volunteers, or those who attack. */
export class Party implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown>
  #answered: ((said: Said) => void) | null = null

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#gone = once(child, 'exit')
    child.on('message', (said: Said) => this.#answered?.(said))
  }

  static async start(): Promise<Party> {
    const party = new Party(fork(PROCESS, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }))
    await party.#answer()
    return party
  }

  /** Joins a swarm; resolves to the nodes' names when they have been started. */
  async join(joining: Omit<Joining, 'clockOffMs'> & { clockOffMs?: number }): Promise<string[]> {
    this.#child.send({ t: 'join', clockOffMs: 0, ...joining } satisfies Told)
    return await this.#answer()
  }

  /** All its nodes stop. */
  async leave(): Promise<void> {
    this.#child.send({ t: 'leave' } satisfies Told)
    await this.#answer()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.#gone
  }

  async #answer(): Promise<string[]> {
    const { promise, resolve } = Promise.withResolvers<Said>()
    this.#answered = resolve
    const gone = this.#gone.then((): Said => ({ t: 'failed', message: "the party's process has ended" }))
    const answer = await Promise.race([promise, gone])
    if (answer.t === 'failed') throw new Error(answer.message)
    return answer.nodes
  }
}

/** So many nodes, each in a network of its own unless they share one: 127.`net`.n.1, or 127.`net`.1.n. */
export function members(count: number, net: number, init: { together?: boolean } = {}): Member[] {
  return Array.from({ length: count }, (_, n) => ({
    name: `n${net}-${n}`,
    from: init.together ? `127.${net}.1.${n + 1}` : `127.${net}.${n + 1}.1`,
    certificate: null,
  }))
}
