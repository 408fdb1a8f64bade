import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { UsageError } from '../../protocol/index.ts'
import { Outbox } from '../outbox.ts'
import { replaceFile } from '../replace-file.ts'

const NAME = 'node.pid'

/** The process that runs on a data folder, as it has written itself. */
export const Holder = z.strictObject({
  pid: z.int().positive(),
  /** Milliseconds since 1970. */
  since: z.int(),
})
export type Holder = z.infer<typeof Holder>

/**
 * Makes a data folder this process's own. What excludes others is the lock of the outbox's database, which the kernel gives back
 * however a process ends; the file beside it only says who has it.
 * @throws UsageError `file`, naming the process that has it
 */
export async function claim(data: string): Promise<Outbox> {
  try {
    const outbox = await Outbox.open(join(data, 'outbox'))
    await replaceFile(join(data, NAME), JSON.stringify({ pid: process.pid, since: Date.now() } satisfies Holder))
    return outbox
  } catch (error) {
    const inUse = error instanceof UsageError && error.message.endsWith('in use by another kernelswarm node')
    const holder = inUse ? await holderOf(data) : null
    if (holder === null) throw error
    const since = new Date(holder.since).toISOString().slice(0, 16).replace('T', ' ')
    throw new UsageError(
      'file',
      `${data}: process ${holder.pid} runs on this folder since ${since} UTC. One node a folder: --data DIR is for another one; \`kernelswarm node status\` says what that one does, \`kernelswarm node stop\` ends it`,
    )
  }
}

/** Gives the folder back. */
export async function release(data: string): Promise<void> {
  await rm(join(data, NAME), { force: true })
}

/** Who has, or had, a folder; null where nobody has written it. */
export async function holderOf(data: string): Promise<Holder | null> {
  const text = await readFile(join(data, NAME), 'utf8').catch(() => '')
  try {
    return Holder.parse(JSON.parse(text))
  } catch {
    return null
  }
}
