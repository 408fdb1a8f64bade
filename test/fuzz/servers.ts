import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startControl } from '../../coordinator/control/server.ts'
import { Door } from '../../coordinator/door/door.ts'
import { Store } from '../../coordinator/store/store.ts'
import { controlPath, KernelswarmError } from '../../protocol/index.ts'
import { Fixture } from '../http/fixture.ts'

/** A request may keep its server for no longer. */
const HANGS_MS = 30_000

/** An answer that is coming has begun by then; where it has not, the test has only seen less. */
const LISTENING_MS = 50

/** A server that is started when it is asked first, and its end. */
interface Server {
  connect(): Promise<Socket>
  close(): Promise<void>
}

let http: Promise<Server> | null = null
let control: Promise<Server> | null = null

/** Sends bytes to a coordinator's page. @throws KernelswarmError `refused` where it does not answer with 200; another error where it fails */
export async function askHttp(bytes: Uint8Array): Promise<void> {
  http ??= startPage()
  await ask(await http, bytes)
}

/** The same to its socket for commands. */
export async function askControlSocket(bytes: Uint8Array): Promise<void> {
  control ??= startSocket()
  await ask(await control, bytes)
}

/** Ends what was started. */
export async function closeServers(): Promise<void> {
  for (const server of [http, control]) await (await server)?.close()
  http = null
  control = null
}

async function startPage(): Promise<Server> {
  const fixture = await Fixture.open()
  const { hostname, port } = new URL(await fixture.serve())
  return {
    connect: async () => await connected(connect({ host: hostname, port: Number(port) })),
    close: async () => await fixture[Symbol.asyncDispose](),
  }
}

async function startSocket(): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'kernelswarm-fuzz-'))
  const store = await Store.open(join(folder, 'log'), { reserveBytes: 0 })
  const server = await startControl(folder, { disk: store.disk, door: new Door({ arrivalsPerSecond: 1 }) })
  const socket = await controlPath(folder)
  return {
    connect: async () => await connected(connect({ path: socket.path })),
    close: async () => {
      await server.close()
      await store.close()
      await rm(folder, { recursive: true })
    },
  }
}

async function connected(socket: Socket): Promise<Socket> {
  await once(socket, 'connect')
  return socket
}

async function ask(server: Server, bytes: Uint8Array): Promise<void> {
  const socket = await server.connect()
  const pieces: Buffer[] = []
  socket.on('data', (piece) => pieces.push(piece))
  // A server that has had enough cuts it.
  socket.on('error', () => {})
  const closed = once(socket, 'close', { signal: AbortSignal.timeout(HANGS_MS) })
  socket.write(bytes)
  // Who has said all waits for what is answered; who has not, and says no more, would be waited for.
  const patience = setTimeout(() => socket.end(), LISTENING_MS)
  await closed
  clearTimeout(patience)
  const status = /^HTTP\/1\.1 (\d+)/.exec(Buffer.concat(pieces).toString('latin1'))?.[1]
  if (status?.startsWith('5') && status !== '505') throw new Error(`the server failed: ${status}`)
  if (status !== '200') throw new KernelswarmError('refused', status ?? 'cut')
}
