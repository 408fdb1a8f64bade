import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { Coordinator } from '../../coordinator/index.ts'
import { createSandbox, type GpuUse, type Sandbox, Volunteer } from '../../node/index.ts'
import { AGENT, UsageError } from '../../protocol/index.ts'

export interface SwarmInit {
  /** Folder of keys, event log and outboxes; an interrupted run goes on from there. */
  data: string
  cache: string
  nodes: number
  /** Whether nvcc may decide what compiles. */
  nvcc: 'where-possible' | 'never'
  /** Whether and which GPU may be used, and whether there is no use without one. */
  gpu: { use: GpuUse; needed: boolean }
  http: { host: string; port: number } | null
  log: Logger
}

/** Space that one person's round keeps free: it asks for no more than that, and a full disk ends it with a clear line. */
const RESERVE_BYTES = 32 * 1024 * 1024

/** A coordinator and nodes in one process: separate libp2p hosts that talk TCP and noise over loopback. */
export class LocalSwarm implements AsyncDisposable {
  readonly coordinator: Coordinator
  readonly nodes: Volunteer[]

  private constructor(coordinator: Coordinator, nodes: Volunteer[]) {
    this.coordinator = coordinator
    this.nodes = nodes
  }

  /** Starts all of it, or nothing. */
  static async start(init: SwarmInit): Promise<LocalSwarm> {
    const { data, http, log } = init
    const sandbox = await createSandbox({ cacheDir: init.cache, nvcc: init.nvcc, gpu: init.gpu.use })
    if (init.gpu.needed && !sandbox.gpu.used)
      throw new UsageError('machine', `--executor gpu: ${sandbox.gpu.says} (more by: kernelswarm node doctor)`)
    const coordinator = await Coordinator.start({
      data: join(data, 'coordinator'),
      listen: ['/ip4/127.0.0.1/tcp/0'],
      http,
      singleOperator: true,
      localResearchers: true,
      agent: AGENT,
      log,
      reserveBytes: RESERVE_BYTES,
    })
    const swarm = new LocalSwarm(coordinator, [])
    try {
      for (let number = 1; number <= init.nodes; number++) swarm.nodes.push(await startNode(init, number, swarm.address, sandbox))
    } catch (error) {
      await swarm[Symbol.asyncDispose]()
      throw error
    }
    return swarm
  }

  /** Where the coordinator listens. */
  get address(): string {
    return this.coordinator.addresses()[0] as string
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.nodes.map((node) => node.stop()))
    await this.coordinator.stop()
  }
}

async function startNode(
  { data, nodes, log }: SwarmInit,
  number: number,
  coordinator: string,
  sandbox: Sandbox,
): Promise<Volunteer> {
  const slots = Math.max(1, Math.floor(availableParallelism() / nodes))
  return await Volunteer.start({ data: join(data, `node-${number}`), coordinator, slots, log }, sandbox)
}
