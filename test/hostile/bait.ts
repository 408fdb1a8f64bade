import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { namedProcesses } from './processes.ts'

const FOLDERS = ['home', 'temporary', 'cache'] as const

/**
 * What a stranger's program would find on a machine that lets it out: files with a secret in a home folder, in /tmp and
 * in the sandbox's own cache, a process of the same user that has the secret in its environment, and listeners on
 * loopback. `harm` says what became of them.
 */
export class Bait implements AsyncDisposable {
  readonly secret: string
  /** The name that programs give to processes which are not to be left over; the kernel keeps 15 characters. */
  readonly mark: string
  /** Where the control runs, whose programs write to their working folder. */
  readonly folder: string
  readonly #files: ReadonlyMap<(typeof FOLDERS)[number], string>
  readonly #victim: ChildProcess
  readonly #listeners: Listeners
  readonly #folders: readonly string[]

  private constructor(parts: {
    secret: string
    mark: string
    folders: readonly string[]
    files: ReadonlyMap<(typeof FOLDERS)[number], string>
    victim: ChildProcess
    listeners: Listeners
  }) {
    this.secret = parts.secret
    this.mark = parts.mark
    this.#folders = parts.folders
    this.folder = parts.folders[1] ?? ''
    this.#files = parts.files
    this.#victim = parts.victim
    this.#listeners = parts.listeners
  }

  static async lay(cacheDir: string): Promise<Bait> {
    const secret = `secret_${randomBytes(8).toString('hex')}`
    const mark = `ksbait-${randomBytes(4).toString('hex')}`
    const places = [homedir(), tmpdir(), cacheDir]
    // A user without a home that can be written has nothing to lose there.
    const folderIn = (place: string) => mkdtemp(join(place, '.kernelswarm-bait-'))
    const folders = await Promise.all(places.map((place) => folderIn(place).catch(() => folderIn(tmpdir()))))
    const files = new Map(FOLDERS.map((name, at) => [name, join(folders[at] ?? '', 'bait')]))
    for (const file of files.values()) await writeFile(file, `${secret}\n`)
    // It ends with this process at the latest, because nobody holds its input any more.
    const victim = spawn('cat', [], { stdio: ['pipe', 'ignore', 'ignore'], env: { ...process.env, KERNELSWARM_BAIT: secret } })
    await once(victim, 'spawn')
    const listeners = await Listeners.open(join(folders[1] ?? '', 'socket'), mark)
    return new Bait({ secret, mark, folders, files, victim, listeners })
  }

  /** A program's text with the names of the baits in it. */
  name(text: string): string {
    const { tcp, udp, unix, abstract } = this.#listeners
    const { pid: victim } = this.#victim
    const names = { ...Object.fromEntries(this.#files), tcp, udp, unix, abstract, victim, mark: this.mark, secret: this.secret }
    return text.replace(/@(\w+)@/g, (_, name: keyof typeof names) => {
      const value = names[name]
      if (value === undefined) throw new Error(`no bait of the name ${name}`)
      return String(value)
    })
  }

  /** What has been read, changed, reached, ended or left, in words; empty where nothing was. */
  async harm(said: string): Promise<string[]> {
    await turn()
    const read = said.includes(this.secret) ? ['a secret is in what it said'] : []
    const told = said.split('\n').filter((line) => line.startsWith('ESCAPED'))
    const passwd = /^.*root:.*:0:0:/m.test(said) ? ['/etc/passwd was read'] : []
    const release = /^.*PRETTY_NAME=/m.test(said) ? ['the name of the system was read'] : []
    const ended = this.#victim.exitCode !== null || this.#victim.signalCode !== null ? ['a process outside was ended'] : []
    const left = (await namedProcesses(this.mark)).map((pid) => `process ${pid} is left`)
    return [...read, ...told, ...passwd, ...release, ...(await this.#changes()), ...this.#listeners.reached, ...ended, ...left]
  }

  async #changes(): Promise<string[]> {
    const changes: string[] = []
    for (const [name, file] of this.#files) {
      const text = await readFile(file, 'utf8').catch(() => 'gone')
      if (text !== `${this.secret}\n`) changes.push(`the file in ${name} was changed`)
    }
    for (const folder of this.#folders) {
      const strange = (await readdir(folder)).filter((entry) => entry !== 'bait' && entry !== 'socket')
      changes.push(...strange.map((entry) => `${entry} was made in ${folder}`))
    }
    return changes
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#victim.kill('SIGKILL')
    for (const pid of await namedProcesses(this.mark)) process.kill(pid, 'SIGKILL')
    await this.#listeners.close()
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true })
  }

  /** Proves that `harm` sees a change. */
  async disturb(): Promise<void> {
    for (const file of this.#files.values()) await appendFile(file, 'x')
  }
}

/** One of each kind that a program could reach, on loopback or by name. Counts who comes. */
class Listeners {
  readonly reached: string[] = []
  readonly unix: string
  readonly abstract: string
  readonly #streams: Record<'tcp' | 'unix' | 'abstract', Server>
  readonly #datagrams: UdpSocket

  private constructor(unix: string, abstract: string) {
    this.unix = unix
    this.abstract = abstract
    this.#streams = { tcp: this.#server('tcp'), unix: this.#server('unix'), abstract: this.#server('abstract') }
    this.#datagrams = createSocket('udp4', () => this.reached.push('UDP was reached'))
  }

  static async open(unix: string, abstract: string): Promise<Listeners> {
    const listeners = new Listeners(unix, abstract)
    const { tcp, unix: named, abstract: nameless } = listeners.#streams
    await once(tcp.listen(0, '127.0.0.1'), 'listening')
    await once(named.listen(unix), 'listening')
    await once(nameless.listen(`\0${abstract}`), 'listening')
    await once(listeners.#datagrams.bind(0, '127.0.0.1'), 'listening')
    return listeners
  }

  get tcp(): number {
    return (this.#streams.tcp.address() as AddressInfo).port
  }

  get udp(): number {
    return this.#datagrams.address().port
  }

  #server(kind: string): Server {
    return createServer((socket) => {
      this.reached.push(`${kind} was reached`)
      socket.on('error', () => {})
      socket.destroy()
    })
  }

  async close(): Promise<void> {
    this.#datagrams.close()
    await Promise.all(Object.values(this.#streams).map((server) => once(server.close(), 'close')))
  }
}
