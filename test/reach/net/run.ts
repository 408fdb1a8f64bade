import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadIdentity, peerIdOf } from '../../../protocol/index.ts'
import { Actor } from './actor.ts'
import { nodeName } from './names.ts'
import { RELAY_PORT, type World } from './world.ts'

export interface Plan {
  cases: string
  /** Verdicts of the whole round, when nothing is asked twice. */
  verdicts: number
  /** How long a test takes on a node. */
  testMs: number
  cutMs: number
}

export interface Report {
  seconds: number
  judged: number
  undecided: number
  outcomes: string
  twice: number
  waiting: number
  /** When what happened, seconds after the start, and how long it took until verdicts came again. */
  events: { what: string; at: number; stood: number }[]
}

const NODES = ['n1', 'n2', 'n3']

/**
 * A round of three nodes at one site and a coordinator at another one, through a relay; on hosts of the test's own its line is cut, both
 * sites get other addresses, and the relay is killed and started again.
 * @param world null: all on loopback, and nothing happens to them
 */
export async function runRound(world: World | null, folder: string, plan: Plan): Promise<Report> {
  const key = peerIdOf(await loadIdentity(join(folder, 'coordinator', 'coordinator.key')))
  const startRelay = async (): Promise<{ relay: Actor; address: string }> => {
    const relay = await Actor.start(world, 'relay')
    const listen = world === null ? `/ip4/127.0.0.1/tcp/${RELAY_PORT}` : `/ip4/0.0.0.0/tcp/${RELAY_PORT}`
    relay.tell({ t: 'relay', folder, coordinator: key, address: listen })
    const { address } = await relay.hear('address')
    return { relay, address: world === null ? address : address.replace('0.0.0.0', '45.3.0.2') }
  }
  const from = performance.now()
  const seconds = () => (performance.now() - from) / 1000
  let { relay, address } = await startRelay()
  const nodes = await Promise.all(NODES.map((name) => nodeName(join(folder, name))))
  const coordinator = await Actor.start(world, 'siteA')
  coordinator.tell({ t: 'coordinate', folder, relays: [address], nodes, cases: plan.cases })
  const place = `${address}/p2p-circuit/p2p/${(await coordinator.hear('address')).address.split('/p2p/').at(-1)}`
  const volunteers = await Actor.start(world, 'siteB')
  volunteers.tell({ t: 'volunteer', folder, names: NODES, coordinator: place, testMs: plan.testMs })
  await volunteers.hear('address')

  const events: Report['events'] = []
  const happen = async (share: number, what: string, does: () => Promise<void>) => {
    const due = Math.round(plan.verdicts * share)
    await coordinator.verdicts(due)
    const at = seconds()
    await does()
    // What was on its way comes first; some more means that it goes on.
    await coordinator.verdicts(due + ON_THEIR_WAY)
    events.push({ what, at, stood: seconds() - at })
  }
  if (world !== null) {
    await happen(0.1, `line of the nodes cut for ${plan.cutMs / 1000} s`, async () => {
      await world.cut('natB', true)
      await sleep(plan.cutMs)
      await world.cut('natB', false)
    })
    await happen(0.3, 'nodes get another address', async () => await world.move('natB', 77))
    await happen(0.5, 'relay killed and started again', async () => {
      await relay.kill()
      ;({ relay, address } = await startRelay())
    })
    await happen(0.7, 'coordinator gets another address', async () => await world.move('natA', 78))
  }
  const over = await coordinator.hear('over')
  const took = seconds()
  volunteers.tell({ t: 'leave', outboxes: NODES.map((name) => join(folder, name, 'outbox')) })
  const { waiting } = await volunteers.hear('left')
  for (const actor of [volunteers, coordinator, relay]) await actor.kill()
  return { ...over, seconds: took, waiting, events }
}

/** Verdicts that may have left the nodes before something happened: what runs at a time, twice. */
const ON_THEIR_WAY = 24
