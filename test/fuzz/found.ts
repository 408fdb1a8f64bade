import fc from 'fast-check'

/** What fast-check found, as small as it could make it. */
export class Found extends Error {
  readonly to: string
  readonly bytes: Uint8Array[]

  constructor(to: string, bytes: Uint8Array[], details: { seed: number; path: string | null }, cause: unknown) {
    super(`${to}: ${String(cause)} (seed ${details.seed}, path ${details.path})`, { cause })
    this.to = to
    this.bytes = bytes
  }
}

/** Tries so many. @throws Found */
export async function search<T>(
  to: string,
  arbitrary: fc.Arbitrary<T>,
  init: { seed: number; runs: number; bytesOf: (input: T) => Uint8Array[] },
  look: (input: T) => Promise<void>,
): Promise<void> {
  const details = await fc.check(fc.asyncProperty(arbitrary, look), { seed: init.seed, numRuns: init.runs })
  if (!details.failed) return
  const [input] = details.counterexample ?? []
  throw new Found(
    to,
    input === undefined ? [] : init.bytesOf(input),
    { seed: details.seed, path: details.counterexamplePath },
    details.errorInstance,
  )
}
