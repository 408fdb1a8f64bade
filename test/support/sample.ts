const TODAY = Math.floor(Date.now() / 86_400_000)

/**
 * Every so manieth of a list, beginning at another one each day, so that all have their turn; with KERNELSWARM_LONG=1 all of them. For
 * lists of which each takes seconds, and a change breaks many.
 */
export function sample<T>(list: readonly T[], stride: number): T[] {
  if (process.env.KERNELSWARM_LONG === '1') return [...list]
  return list.filter((_, index) => index % stride === TODAY % stride)
}
