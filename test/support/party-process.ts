import { join } from 'node:path'
import pino from 'pino'
import { importCertificate, Volunteer } from '../../node/index.ts'
import { CONDUCTS } from './conducts.ts'
import { FakeSandbox } from './fake-sandbox.ts'
import type { Joining, Said, Told } from './party.ts'
import { from as cameFrom, usePlaces } from './places.ts'
import { WIRES, type WireNode } from './wires.ts'

/*
 * A process of nodes that belong to one party, as `Party` starts it: it is told which swarm to join and when to leave.
 * Its nodes are volunteers as any, but for what they say they saw; those that break the protocol speak it by hand.
 */

const log = pino({ level: 'silent' })
usePlaces()

const now = Date.now
const members: (Volunteer | WireNode)[] = []

process.on('message', (told: Told) => {
  const done = told.t === 'join' ? joinSwarm(told) : leave()
  done.then(
    (nodes) => say({ t: 'done', nodes }),
    (error: Error) => say({ t: 'failed', message: error.stack ?? error.message }),
  )
})
process.on('disconnect', () => process.exit())
say({ t: 'done', nodes: [] })

async function joinSwarm({ coordinator, folder, conduct, nodes, clockOffMs }: Joining): Promise<string[]> {
  Date.now = () => now() + clockOffMs
  for (const { name, from, certificate } of nodes) {
    const data = join(folder, name)
    if (certificate !== null) await importCertificate(certificate, data, now())
    members.push(
      await cameFrom(from, async () => {
        if (conduct in WIRES) return await WIRES[conduct as keyof typeof WIRES]({ data, coordinator })
        const behave = CONDUCTS[conduct as keyof typeof CONDUCTS]()
        return await Volunteer.start({ data, coordinator, slots: 2, log }, new FakeSandbox(behave))
      }),
    )
  }
  return members.map(({ peerId }) => peerId)
}

async function leave(): Promise<string[]> {
  await Promise.all(members.splice(0).map((member) => member.stop()))
  Date.now = now
  return []
}

function say(said: Said): void {
  process.send?.(said)
}
