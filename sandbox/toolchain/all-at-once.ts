/**
 * Runs tasks, at most so many at a time, in their order.
 * @throws what the first that failed threw, when those under way have ended; none is begun after it
 */
export async function allAtOnce(tasks: readonly (() => Promise<void>)[], most: number): Promise<void> {
  const waiting = [...tasks]
  const work = async () => {
    try {
      for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) await task()
    } catch (error) {
      waiting.length = 0
      throw error
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: most }, work))
  const failed = ended.find((end) => end.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
