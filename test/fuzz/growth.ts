/** Memory that is in use after so much more was done may differ by this, from one look to the other: caches fill, code is compiled. */
const NOISE_BYTES = 24 * 1024 * 1024

/** Whether memory in use grows with what is done. The process needs `--expose-gc`. */
export class Growth {
  readonly #bytes: number[] = []

  look(): void {
    const { gc } = globalThis
    if (gc === undefined) throw new Error('run node with --expose-gc')
    gc()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    this.#bytes.push(heapUsed + arrayBuffers)
  }

  /** The last quarter of the looks holds that much more than the second one: the first has what is made once. */
  get grew(): boolean {
    return this.#of(0.75, 1) - this.#of(0.25, 0.5) > NOISE_BYTES
  }

  say(): string {
    const [early, late] = [this.#of(0.25, 0.5), this.#of(0.75, 1)].map((bytes) => (bytes / 2 ** 20).toFixed(1))
    return `memory in use ${early} MiB in the second quarter, ${late} MiB in the last${this.grew ? ': IT GROWS' : ''}`
  }

  #of(from: number, to: number): number {
    const some = this.#bytes.slice(Math.floor(from * this.#bytes.length), Math.floor(to * this.#bytes.length))
    return some.reduce((sum, bytes) => sum + bytes, 0) / Math.max(1, some.length)
  }
}
