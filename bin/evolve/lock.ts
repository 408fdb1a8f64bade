import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { realpath } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { KernelswarmError } from '../../protocol/index.ts'

/**
 * That one process at a time goes through a loop: a socket in Linux's abstract namespace, named after the working folder, which
 * the kernel gives back however the process ends. It holds on one machine (and in one container); the folder is not to be
 * shared between several while a loop runs.
 */
export class LoopLock implements AsyncDisposable {
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  /** @throws KernelswarmError `unfinished` when another process has it */
  static async take(folder: string): Promise<LoopLock> {
    const name = createHash('sha256')
      .update(await realpath(folder))
      .digest('hex')
    const server = createServer((socket) => socket.destroy())
    server.listen({ path: `\0kernelswarm-evolve-${name}`, exclusive: true })
    try {
      await once(server, 'listening')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
      throw new KernelswarmError('unfinished', `${folder}: another kernelswarm evolve is at work there`)
    }
    server.unref()
    return new LoopLock(server)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    await once(this.#server, 'close')
  }
}
