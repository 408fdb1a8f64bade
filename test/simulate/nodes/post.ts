import { createHash } from 'node:crypto'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import type { VerdictRecord } from '../../../coordinator/state/events.ts'
import type { OpenAssignment, TaskEntry } from '../../../coordinator/state/model.ts'
import { checkVerdict, Rejected } from '../../../coordinator/work/check.ts'
import {
  cidOf,
  classOf,
  DOMAINS,
  decodeCanonical,
  encodeCanonical,
  FromNode,
  peerIdOf,
  seal,
  type UnsignedVerdict,
} from '../../../protocol/index.ts'
import type { Said, SimulatedNode } from './node.ts'

/** What becomes of a verdict on its way: recorded, refused, or the end of the connection. */
export type Delivered = VerdictRecord | 'refused' | 'cut'

/** Frames that are no message: not CBOR, nested beyond any limit, of no known form. */
const GARBAGE: readonly Uint8Array[] = [
  new Uint8Array(200).fill(0xff),
  new Uint8Array(20_000).fill(0x81),
  encodeCanonical({ t: 'verdict', nonce: 'not hexadecimal', envelope: new Uint8Array() }),
]

/**
 * Carries verdicts from nodes to the coordinator. Those of ordinary nodes come as they were said, since signing them
 * all would take most of the simulation's time; those of nodes whose attack is in the envelope or the bytes are sealed
 * with real keys and go through the production check.
 */
export class Post {
  readonly #keys = new Map<string, Promise<PrivateKey>>()
  /** The envelope that a replaying node sends for ever, with its outputs. */
  readonly #first = new Map<string, Sealed>()
  /** Texts of outputs by the names they have in envelopes. */
  readonly #texts = new Map<string, string>()
  #carried = 0

  async deliver(node: SimulatedNode, said: Said, assignment: OpenAssignment, entry: TaskEntry): Promise<Delivered> {
    const { nonce, cells, environment, resources } = said
    switch (node.profile.behaviour.wire) {
      case 'plain':
        return {
          nonce,
          verdict: `verdict-${this.#carried++}`,
          class: classOf(environment, entry.task.pass),
          environment,
          cells,
          resources,
        }
      case 'garbage':
        return this.#hear(GARBAGE[this.#carried++ % GARBAGE.length] as Uint8Array)
      case 'sealed':
        return await this.#check(node, await this.#seal(said, entry, node.profile.id), assignment, entry)
      case 'foreign-key':
        return await this.#check(node, await this.#seal(said, entry, 'somebody else'), assignment, entry)
      case 'replayed': {
        const first = this.#first.get(node.profile.id) ?? (await this.#seal(said, entry, node.profile.id))
        this.#first.set(node.profile.id, first)
        return await this.#check(node, first, assignment, entry)
      }
    }
  }

  /** A frame as the channel reads it. */
  #hear(frame: Uint8Array): Delivered {
    try {
      return FromNode.safeParse(decodeCanonical(frame)).success ? 'refused' : 'cut'
    } catch {
      return 'cut'
    }
  }

  async #seal(said: Said, entry: TaskEntry, signer: string): Promise<Sealed> {
    const outputs = new Map(said.cells.map(({ output }, test) => [test, Buffer.from(output)]))
    const tests: UnsignedVerdict['tests'] = []
    for (const [test, { status, output, findings }] of said.cells.entries()) {
      const bytes = outputs.get(test) as Buffer
      const name = await cidOf(bytes, 'raw')
      this.#texts.set(name, output)
      tests.push({ status, output: name, outputBytes: bytes.byteLength, findings: [...findings] })
    }
    const { nonce, environment, resources } = said
    const verdict: UnsignedVerdict = { v: 1, task: entry.id, nonce, environment, tests, resources }
    return { envelope: await seal(verdict, DOMAINS.verdict, await this.#key(signer)), outputs }
  }

  /** The production check; outputs have their texts for names again in what is recorded, as those of all others. */
  async #check(
    { profile, environments }: SimulatedNode,
    { envelope, outputs }: Sealed,
    assignment: OpenAssignment,
    entry: TaskEntry,
  ): Promise<Delivered> {
    const holder = peerIdOf(await this.#key(profile.id))
    try {
      const { record } = await checkVerdict({
        envelope,
        outputs,
        assignment: { ...assignment, node: holder },
        entry,
        announced: environments,
      })
      const named = (cid: string) => this.#texts.get(cid) ?? cid
      const cells = record.cells.map((cell) => ({
        ...cell,
        output: named(cell.output),
        compat: named(cell.compat),
        masked: named(cell.masked),
      }))
      return { ...record, cells }
    } catch (error) {
      if (error instanceof Rejected) return 'refused'
      throw error
    }
  }

  #key(name: string): Promise<PrivateKey> {
    let key = this.#keys.get(name)
    if (key === undefined) {
      key = generateKeyPairFromSeed('Ed25519', createHash('sha256').update(name).digest())
      this.#keys.set(name, key)
    }
    return key
  }
}

interface Sealed {
  envelope: Uint8Array
  outputs: ReadonlyMap<number, Uint8Array>
}
