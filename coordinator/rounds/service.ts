import type { Connection, PrivateKey, Stream } from '@libp2p/interface'
import type { Libp2p } from 'libp2p'
import {
  Channel,
  FromResearcher,
  KernelswarmError,
  ProtocolError,
  ROUNDS_PROTOCOL,
  type ToResearcher,
} from '../../protocol/index.ts'
import type { Clock } from '../clock.ts'
import type { Visitors } from '../door/guard.ts'
import type { Ledger } from '../ledger.ts'
import type { Journal } from '../operations/journal.ts'
import type { RoundCaps } from '../rules/spending.ts'
import { type DiskCondition, sayCondition } from '../store/condition.ts'
import type { WorkService } from '../work/service.ts'
import type { Admission } from './admission.ts'
import { figuresFor } from './figures.ts'
import { Intake, Refused } from './intake.ts'
import { sendResults, watch } from './replies.ts'

export interface RoundsComponents {
  host: Libp2p
  key: PrivateKey
  ledger: Ledger
  work: WorkService
  admission: Admission
  visitors: Visitors
  clock: Clock
  log: Journal
}

type Reply = Channel<FromResearcher, ToResearcher>

/** Streams one researcher may have open: a submit, a watch and a fetch beside each other, and some to spare. */
const STREAMS_PER_RESEARCHER = 8

/** What makes work, which needs space. */
const NEEDS_SPACE: ReadonlySet<FromResearcher['t']> = new Set(['open', 'cases', 'extend', 'rerun'])

/** Serves researchers: opens rounds, takes their cases, shows how they go, gives out results. */
export class RoundsService {
  readonly #c: RoundsComponents
  readonly #intake: Intake
  readonly #singleOperator: boolean
  readonly #open = new Set<Reply>()
  /** What those who ask know of the disk: who comes later is told when he asks. */
  #said: DiskCondition['state'] = 'good'
  readonly #onCondition = (condition: DiskCondition) => {
    if (condition.state === 'failing' && this.#said !== 'failing') this.#endAll(condition)
    this.#said = condition.state
  }

  constructor(components: RoundsComponents, init: { singleOperator: boolean; caps?: RoundCaps }) {
    this.#c = components
    this.#intake = new Intake(components, { caps: init.caps ?? {} })
    this.#singleOperator = init.singleOperator
  }

  async start(): Promise<void> {
    this.#c.ledger.store.disk.changes.on('condition', this.#onCondition)
    await this.#c.host.handle(ROUNDS_PROTOCOL, (stream, connection) => this.#serve(stream, connection), {
      maxInboundStreams: STREAMS_PER_RESEARCHER,
      runOnLimitedConnection: true,
    })
  }

  async stop(): Promise<void> {
    this.#c.ledger.store.disk.changes.off('condition', this.#onCondition)
    await this.#c.host.unhandle(ROUNDS_PROTOCOL)
    for (const channel of this.#open) channel.abort(new Error('the coordinator stops'))
  }

  async #serve(stream: Stream, connection: Connection): Promise<void> {
    const { visitors } = this.#c
    // It connected before it was banned; what it does meanwhile is heard no more.
    if (visitors.isBanned(connection)) {
      connection.abort(new Error('banned'))
      return
    }
    const pace = visitors.paceOf(connection)
    const channel: Reply = new Channel(stream, { schema: FromResearcher, pace: () => pace.take(1) })
    this.#open.add(channel)
    const owner = connection.remotePeer.toString()
    try {
      for await (const message of channel) await this.#answer(channel, owner, connection, message)
      await channel.close()
    } catch (error) {
      if (error instanceof ProtocolError) visitors.offended(connection, error)
      this.#end(channel, owner, error as Error)
    } finally {
      this.#open.delete(channel)
    }
  }

  /** Nobody is kept waiting for an answer that may not come for long; the same request goes on later where it was. */
  #endAll(condition: DiskCondition): void {
    const message = sayCondition(condition) ?? ''
    for (const channel of this.#open) refuseAndEnd(channel, { t: 'refused', code: 'unavailable', message })
  }

  async #answer(channel: Reply, owner: string, connection: Connection, message: FromResearcher): Promise<void> {
    try {
      this.#assertAble(message)
      const share = await this.#c.admission.check(owner, connection.remoteAddr)
      this.#c.visitors.welcomed(connection)
      this.#c.visitors.worked(connection)
      await this.#handle(channel, { owner, share }, message)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      await channel.send({ t: 'refused', code: error.code, message: error.message })
    }
  }

  /** @throws Refused `unavailable` where the disk does not allow what is asked */
  #assertAble({ t }: FromResearcher): void {
    const { condition } = this.#c.ledger
    const why = sayCondition(condition)
    if (why !== null && (condition.state === 'failing' || NEEDS_SPACE.has(t))) throw new Refused('unavailable', why)
  }

  async #handle(channel: Reply, { owner, share }: { owner: string; share: number }, message: FromResearcher): Promise<void> {
    const { ledger, work } = this.#c
    switch (message.t) {
      case 'open': {
        const round = await this.#intake.open(owner, message, share)
        await channel.send({ t: 'opened', round: round.id, have: round.size, state: round.state })
        break
      }
      case 'cases':
        await channel.send({ t: 'acknowledged', have: await this.#intake.add(owner, message) })
        break
      case 'seal':
        await this.#intake.seal(owner, message)
        await channel.send({ t: 'sealed' })
        break
      case 'cancel':
        await this.#intake.cancel(owner, message.round)
        work.withdrawUnneeded()
        await channel.send({ t: 'end' })
        break
      case 'pause':
        await this.#intake.pause(owner, message)
        work.withdrawUnneeded()
        await channel.send({ t: 'end' })
        break
      case 'resume':
        await this.#intake.resume(owner, message)
        await channel.send({ t: 'end' })
        break
      case 'extend':
        await channel.send({ t: 'extended', ...(await this.#intake.extend(owner, message)) })
        break
      case 'rerun': {
        const round = await this.#intake.rerun(owner, message, share)
        await channel.send({ t: 'opened', round: round.id, have: round.size, state: round.state })
        break
      }
      case 'watch':
        await watch(channel, ledger, await this.#intake.recall(owner, message.round), () => work.presence())
        break
      case 'fetch':
        await sendResults(channel, this.#c, await this.#intake.recall(owner, message.round), {
          partial: message.partial,
          merged: message.merged === true,
          except: message.except ?? [],
          singleOperator: this.#singleOperator,
        })
        break
      case 'list':
        await channel.send({ t: 'rounds', rounds: await this.#intake.list(owner, message, work.presence()) })
        break
      case 'figures':
        await channel.send({ t: 'figures', figures: await figuresFor(ledger, owner, message.spec, work.presence()) })
        break
      default:
        throw new ProtocolError('unexpected', String((message satisfies never as FromResearcher).t))
    }
  }

  /** A researcher who breaks the protocol is told the code; a failing disk is told as `unavailable`. */
  #end(channel: Reply, owner: string, error: Error): void {
    const code = error instanceof KernelswarmError ? error.code : 'internal'
    if (code === 'closed') return
    this.#c.log.info({ event: 'researcher-cut', owner, code })
    this.#c.log.debug({ event: 'researcher-cut', owner, detail: error.message })
    const refusal = error instanceof ProtocolError ? 'bad-request' : 'unavailable'
    refuseAndEnd(channel, { t: 'refused', code: refusal, message: `the coordinator ended this request (${code})` })
  }
}

function refuseAndEnd(channel: Reply, last: Extract<ToResearcher, { t: 'refused' }>): void {
  channel
    .send(last)
    .then(() => channel.close())
    .catch(() => undefined)
    .finally(() => channel.abort(new Error(last.message)))
}
