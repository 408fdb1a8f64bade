/**
 * What a kit is made for where nothing else is asked: machine code runs on every GPU of its generation that is not older, so
 * these are all generations from Turing on (sm_80 also runs on sm_86 and sm_89, sm_100 on sm_103, sm_120 on sm_121).
 */
export const ARCHS = ['sm_75', 'sm_80', 'sm_90', 'sm_100', 'sm_120'] as const

/** Of those that are there the newest that runs on a GPU of this architecture; null where none does. */
export function archFor(gpu: string, there: readonly string[]): string | null {
  const wanted = capability(gpu)
  const fitting = there.filter((arch) => {
    const { generation, revision } = capability(arch)
    return generation === wanted.generation && revision <= wanted.revision
  })
  return fitting.sort((a, b) => capability(b).revision - capability(a).revision)[0] ?? null
}

function capability(arch: string): { generation: number; revision: number } {
  const number = Number(/^sm_(\d{2,3})$/.exec(arch)?.[1])
  if (Number.isNaN(number)) throw new Error(`${arch} names no GPU; they are named like sm_90`)
  return { generation: Math.floor(number / 10), revision: number % 10 }
}
