import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { converse, type Target } from './conversation.ts'
import { FuzzedCoordinator } from './coordinator-targets.ts'
import { conversations, type DirectionName } from './directions.ts'
import { search } from './found.ts'
import { streamPair } from './memory-stream.ts'
import { fuzzedNode } from './node-target.ts'
import { fuzzedResearcher } from './researcher-target.ts'

/** A coordinator, a node and a researcher that are talked to. */
export class Fuzzed implements AsyncDisposable {
  readonly #folder: AsyncDisposable
  readonly #coordinator: FuzzedCoordinator
  readonly #targets: Record<DirectionName, Target>

  private constructor(folder: AsyncDisposable, coordinator: FuzzedCoordinator, targets: Record<DirectionName, Target>) {
    this.#folder = folder
    this.#coordinator = coordinator
    this.#targets = targets
  }

  static async start(): Promise<Fuzzed> {
    const folder = await mkdtempDisposable(join(tmpdir(), 'kernelswarm-fuzz-'))
    const coordinator = await FuzzedCoordinator.start(folder.path)
    return new Fuzzed(folder, coordinator, {
      'to-coordinator/work': coordinator.work(),
      'to-coordinator/rounds': coordinator.rounds(),
      'to-node': await fuzzedNode(folder.path),
      'to-researcher': fuzzedResearcher(),
    })
  }

  /** Says so much in one conversation; how many of it were said. @throws as `converse` */
  async say(direction: DirectionName, frames: readonly Uint8Array[]): Promise<number> {
    return await converse(this.#targets[direction], streamPair(), frames)
  }

  /**
   * Conversations that follow from a seed, until so many messages were said.
   * @throws Found
   */
  async sayMany(direction: DirectionName, init: { messages: number; seed: number }): Promise<{ messages: number }> {
    let messages = 0
    const arbitrary = conversations(direction)
    for (let part = 0; messages < init.messages; part++) {
      const how = { seed: init.seed + part, runs: RUNS, bytesOf: (frames: Uint8Array[]) => frames }
      await search(direction, arbitrary, how, async (frames) => {
        if (messages < init.messages) messages += await this.say(direction, frames)
      })
    }
    return { messages }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const target of Object.values(this.#targets)) await target[Symbol.asyncDispose]()
    await this.#coordinator[Symbol.asyncDispose]()
    await this.#folder[Symbol.asyncDispose]()
  }
}

/** Conversations of one seed. */
const RUNS = 200
