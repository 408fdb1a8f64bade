/** Looks again and again, every 20 ms, until there is something to see; half a minute at most. */
export async function until<T>(look: () => T | Promise<T>, what: string): Promise<NonNullable<T>> {
  for (let tries = 0; tries < 1_500; tries++) {
    const seen = await look()
    if (seen) return seen as NonNullable<T>
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`it never came to that: ${what}`)
}
