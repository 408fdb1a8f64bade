import type { TestContext } from 'node:test'
import { Daemon } from './command.ts'

/** A coordinator process on a port of its own; started again it stands on the same data and port. */
export async function coordinatorOn(t: TestContext, home: string, port: number): Promise<{ daemon: Daemon; address: string }> {
  const daemon = new Daemon(t, home, [
    'coordinator',
    '--data',
    'coordinator',
    '--listen',
    `/ip4/127.0.0.1/tcp/${port}`,
    '--http',
    'off',
  ])
  const [, address = ''] = await daemon.line(/node start --coordinator (\S+)/)
  return { daemon, address }
}

/** A node that has joined, with a folder of its own. */
export async function nodeAt(t: TestContext, home: string, name: string, address: string, slots = 1): Promise<Daemon> {
  const node = new Daemon(t, home, ['node', 'start', '--coordinator', address, '--data', name, '--slots', String(slots)])
  await node.line(/"event":"connected"/)
  return node
}
