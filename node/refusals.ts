import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { type Assign, UsageError } from '../protocol/index.ts'
import { replaceFile } from './replace-file.ts'

/** Most entries of one list: more than a person writes. */
const MAX_REFUSALS = 1_000

/** What the node's owner wants no work of. */
export const Refusals = z.strictObject({
  /** Labels of rounds; upper and lower case are alike, and `*` stands for anything. */
  labels: z.array(z.string().min(1).max(200)).max(MAX_REFUSALS),
  /** Peer ids of researchers. */
  researchers: z.array(z.string().min(1).max(128)).max(MAX_REFUSALS),
  /** Whether also what comes without a label: rounds that nobody may know of yet. */
  unlabelled: z.boolean(),
})
export type Refusals = z.infer<typeof Refusals>

export const NO_REFUSALS: Refusals = { labels: [], researchers: [], unlabelled: false }

/** Whether the owner does not want an assignment: one of the rounds it is for is enough. */
export function isRefused({ labels, researchers, unlabelled }: Refusals, { origins = [] }: Pick<Assign, 'origins'>): boolean {
  if (origins.length === 0) return unlabelled
  const patterns = labels.map(patternOf)
  return origins.some(({ label, researcher }) => researchers.includes(researcher) || patterns.some((one) => one.test(label)))
}

function patternOf(label: string): RegExp {
  const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  return new RegExp(`^${label.split(/\*+/).map(literal).join('.*')}$`, 'is')
}

/** @throws UsageError `file` where it is there and cannot be read: nothing may run that its owner may not want */
export async function readRefusals(file: string): Promise<Refusals> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new UsageError('file', `${file}: cannot be read (${error.message})`)
  })
  if (text === null) return NO_REFUSALS
  try {
    return Refusals.parse(JSON.parse(text))
  } catch {
    throw new UsageError('file', `${file}: is not as \`kernelswarm node refuse\` writes it; move it away to begin anew`)
  }
}

/** @throws UsageError `file` */
export async function writeRefusals(file: string, refusals: Refusals): Promise<void> {
  const text = `${JSON.stringify(Refusals.parse(refusals), null, 2)}\n`
  await replaceFile(file, text).catch((error: Error) => {
    throw new UsageError('file', `${file}: cannot be written (${error.message})`)
  })
}
