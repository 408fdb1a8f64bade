import type { ChildProcess } from 'node:child_process'
import { START_MS } from './limits.ts'

/**
 * Reads what bubblewrap tells on its status descriptor, a JSON object a line:
 *
 *     { "child-pid": N, ... }   the jail's init exists
 *     { "exit-code": N }        the program ended
 *
 * A jail that could not be made never says the second.
 */
export class StatusReader {
  /** The jail's first process, as the host numbers it. */
  init: number | null = null
  exitCode: number | null = null
  #rest = ''
  readonly #stands = Promise.withResolvers<void>()

  push(piece: Buffer): void {
    const lines = (this.#rest + piece.toString('latin1')).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#read(line)
  }

  #read(line: string): void {
    const { 'child-pid': init, 'exit-code': exitCode } = parse(line)
    if (init !== undefined) {
      this.init = init
      this.#stands.resolve()
    }
    if (exitCode !== undefined) this.exitCode = exitCode
  }

  /** Resolves when init is known, or will never be: bubblewrap ended, or took too long. */
  async standing(child: ChildProcess): Promise<void> {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const { resolve, promise } = this.#stands
    const clock = setTimeout(resolve, START_MS)
    child.once('exit', () => resolve())
    await promise
    clearTimeout(clock)
  }
}

function parse(line: string): { 'child-pid'?: number; 'exit-code'?: number } {
  try {
    return JSON.parse(line) as { 'child-pid'?: number; 'exit-code'?: number }
  } catch {
    return {}
  }
}
