import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Hosts of the test's own, each a network namespace; addresses are taken from nobody, since nothing leaves them. */
export type HostName = 'inet' | 'relay' | 'natA' | 'siteA' | 'natB' | 'siteB'
const HOSTS: readonly HostName[] = ['inet', 'relay', 'natA', 'siteA', 'natB', 'siteB']

/** Port that the relay listens on, and that to which what comes from outside is turned: of the forwarder that delays it. */
export const RELAY_PORT = 4700
const DELAYED_PORT = 4701

/**
 *     siteA 10.1.0.2 - natA - 45.1.0.x \
 *                                       inet - 45.3.0.2 relay
 *     siteB 10.2.0.2 - natB - 45.2.0.x /
 *
 * Routers translate addresses (nftables) and let nothing in that was not asked for; `inet` drops a share of all packets. What
 * comes to the relay passes a forwarder that delays it, since there may be no kernel that does.
 */
export class World implements AsyncDisposable {
  readonly #id = `ks${process.pid}`
  readonly #children: ChildProcess[] = []

  /** What is missing to make one, in words, or null. */
  static async missing(): Promise<string | null> {
    if (process.getuid?.() !== 0) return 'network namespaces need root'
    for (const [name, args] of [
      ['ip', ['-V']],
      ['nft', ['--version']],
    ] as const) {
      const found = await run(name, args).then(
        () => true,
        () => false,
      )
      if (!found) return `${name} is missing (apt install ${name === 'ip' ? 'iproute2' : 'nftables'})`
    }
    const probe = `ksprobe${process.pid}`
    try {
      await run('ip', ['netns', 'add', probe])
      await run('ip', ['netns', 'exec', probe, 'nft', 'add', 'table', 'inet', 'probe'])
      return null
    } catch (error) {
      return `no network namespaces with nftables here (${(error as Error).message.split('\n')[0]})`
    } finally {
      await run('ip', ['netns', 'del', probe]).catch(() => undefined)
    }
  }

  /** Makes the hosts, and their end when the test ends. */
  static async make(t: TestContext, { loss }: { loss: number }): Promise<World> {
    const world = new World()
    t.after(async () => await world[Symbol.asyncDispose]())
    for (const host of HOSTS) {
      await run('ip', ['netns', 'add', world.#name(host)])
      await world.ip(host, 'link set lo up')
    }
    await world.#wire('inet', 'relay', '45.3.0')
    await world.#wire('inet', 'natA', '45.1.0')
    await world.#wire('inet', 'natB', '45.2.0')
    await world.#wire('natA', 'siteA', '10.1.0')
    await world.#wire('natB', 'siteB', '10.2.0')
    for (const router of ['inet', 'natA', 'natB'] as const) await world.#exec(router, 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
    for (const [host, via] of [
      ['relay', '45.3.0.1'],
      ['natA', '45.1.0.1'],
      ['natB', '45.2.0.1'],
      ['siteA', '10.1.0.1'],
      ['siteB', '10.2.0.1'],
    ] as const) {
      await world.ip(host, `route add default via ${via}`)
    }
    await world.nft('inet', `add rule inet t forward numgen random mod 1000 < ${Math.round(loss * 1000)} drop`)
    for (const nat of ['natA', 'natB'] as const) {
      await world.nft(nat, 'add chain inet t post { type nat hook postrouting priority 100; }')
      await world.nft(nat, 'add rule inet t post oifname "inet" masquerade')
      await world.nft(nat, 'add rule inet t forward iifname "inet" ct state new drop')
    }
    await world.nft('relay', 'add chain inet t pre { type nat hook prerouting priority -100; }')
    await world.nft('relay', `add rule inet t pre iifname "inet" tcp dport ${RELAY_PORT} redirect to :${DELAYED_PORT}`)
    return world
  }

  /** Begins to delay what passes between the relay and others, each way. */
  async delay(ms: number): Promise<void> {
    const forwarder = this.spawn('relay', process.execPath, [FORWARDER, String(DELAYED_PORT), String(RELAY_PORT), String(ms)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(forwarder.stdout as NodeJS.ReadableStream, 'data')
  }

  /** Nothing passes between a site and the others any more, or again. */
  async cut(nat: 'natA' | 'natB', isCut: boolean): Promise<void> {
    if (isCut) await this.nft('inet', `insert rule inet t forward iifname "${nat}" drop`)
    else await this.nft('inet', 'delete rule inet t forward handle', await this.#handleOf(`iifname "${nat}" drop`))
  }

  /** A router's provider gives it another address. */
  async move(nat: 'natA' | 'natB', to: number): Promise<void> {
    const net = nat === 'natA' ? '45.1.0' : '45.2.0'
    await this.ip(nat, 'addr flush dev inet')
    await this.ip(nat, `addr add ${net}.${to}/24 dev inet`)
    await this.ip(nat, `route add default via ${net}.1`)
  }

  /** Runs something on a host; it is gone when the test ends. */
  spawn(host: HostName, program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', this.#name(host), program, ...args], options)
    this.#children.push(child)
    return child
  }

  async ip(host: HostName, words: string): Promise<void> {
    await run('ip', ['-n', this.#name(host), ...words.split(' ')])
  }

  async nft(host: HostName, words: string, more = ''): Promise<void> {
    await this.#exec(host, 'nft', 'add table inet t')
    await this.#exec(host, 'nft', 'add chain inet t forward { type filter hook forward priority 0; }')
    await this.#exec(host, 'nft', `${words} ${more}`.trim())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL')
    for (const host of HOSTS) await run('ip', ['netns', 'del', this.#name(host)]).catch(() => undefined)
  }

  /** A cable between two hosts, named on each by the other's name: the first is .1, the second .2. */
  async #wire(a: HostName, b: HostName, net: string): Promise<void> {
    await run('ip', ['-n', this.#name(a), 'link', 'add', b, 'type', 'veth', 'peer', 'name', a, 'netns', this.#name(b)])
    await this.ip(a, `addr add ${net}.1/24 dev ${b}`)
    await this.ip(b, `addr add ${net}.2/24 dev ${a}`)
    await this.ip(a, `link set ${b} up`)
    await this.ip(b, `link set ${a} up`)
  }

  async #handleOf(rule: string): Promise<string> {
    const { stdout } = await run('ip', [
      'netns',
      'exec',
      this.#name('inet'),
      'nft',
      '-a',
      'list',
      'chain',
      'inet',
      't',
      'forward',
    ])
    const line = stdout.split('\n').find((text) => text.includes(rule)) ?? ''
    return /# handle (\d+)/.exec(line)?.[1] ?? ''
  }

  async #exec(host: HostName, program: string, ...args: string[]): Promise<void> {
    await run('ip', ['netns', 'exec', this.#name(host), program, ...args])
  }

  #name(host: HostName): string {
    return `${this.#id}-${host}`
  }
}

const FORWARDER = new URL('forwarder.ts', import.meta.url).pathname
