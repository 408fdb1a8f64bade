import { type Stream, StreamAbortEvent, StreamCloseEvent, StreamMessageEvent, StreamResetEvent } from '@libp2p/interface'

/** The two ends of a stream in memory, as far as `Channel` uses one: what a connection under it would do costs nothing. */
export function streamPair(): [Stream, Stream] {
  const [a, b] = [new MemoryStream(), new MemoryStream()]
  a.peer = b
  b.peer = a
  return [a as unknown as Stream, b as unknown as Stream]
}

class MemoryStream extends EventTarget {
  peer!: MemoryStream
  status: 'open' | 'closed' | 'aborted' | 'reset' = 'open'
  readStatus: 'readable' | 'paused' | 'closed' = 'readable'
  readableEnded = false
  maxReadBufferLength = 0
  #saidAll = false
  /** The other end has said all. */
  #heardAll = false
  #arrived: Uint8Array[] = []
  #delivering = false

  /** What has arrived at the other end and was not taken there. */
  get writeBufferLength(): number {
    return this.peer.#arrived.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  send(data: Uint8Array | { subarray(): Uint8Array }): boolean {
    if (this.status !== 'open') throw new Error('the stream is closed')
    this.peer.#arrived.push(Uint8Array.from(data.subarray()))
    this.peer.#deliver()
    return true
  }

  pause(): void {
    this.readStatus = 'paused'
  }

  resume(): void {
    if (this.readStatus !== 'paused') return
    this.readStatus = 'readable'
    this.#deliver()
  }

  async close(): Promise<void> {
    if (this.status !== 'open') return
    this.#saidAll = true
    this.peer.#heardAll = true
    this.peer.#deliver()
    this.#endIfBothDid()
  }

  abort(error: Error): void {
    if (this.status !== 'open') return
    this.#gone('aborted', new StreamAbortEvent(error))
    this.peer.#gone('reset', new StreamResetEvent(new Error('the peer reset the stream')))
  }

  #gone(status: 'closed' | 'aborted' | 'reset', event: Event): void {
    if (this.status !== 'open') return
    this.status = status
    this.readStatus = 'closed'
    this.#arrived = []
    this.dispatchEvent(event)
  }

  /** As on a network: not before whoever sent it has gone on. */
  #deliver(): void {
    if (this.#delivering) return
    this.#delivering = true
    queueMicrotask(() => {
      this.#delivering = false
      while (this.readStatus === 'readable' && this.#arrived.length > 0) {
        this.dispatchEvent(new StreamMessageEvent(this.#arrived.shift() as Uint8Array))
      }
      if (this.#arrived.length > 0 || this.status !== 'open') return
      this.peer.dispatchEvent(new Event('drain'))
      if (!this.#heardAll || this.readableEnded) return
      this.readableEnded = true
      this.dispatchEvent(new Event('end'))
      this.#endIfBothDid()
    })
  }

  #endIfBothDid(): void {
    if (!this.#saidAll || !this.readableEnded) return
    this.#gone('closed', new StreamCloseEvent())
    if (this.peer.readableEnded) this.peer.#gone('closed', new StreamCloseEvent())
  }
}
