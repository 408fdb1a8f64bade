import { UsageError } from '../../protocol/index.ts'
import type { Disk } from './disk.ts'
import { MIGRATIONS } from './migrations/index.ts'
import type { Migration } from './migrations/migration.ts'

/** Version of the layout of the store and of the events in it. */
export const SCHEMA_VERSION = 6

const KEY = 'meta/schema'

/** What a start tells its owner of a migration. */
export type OnMigration = (step: { from: number; to: number; says: string }) => void

/** The version that is written in a store, or null in an empty one. */
export async function schemaOf(disk: Pick<Disk, 'get'>): Promise<number | null> {
  const written = await disk.get(KEY)
  return written === undefined ? null : Number(Buffer.from(written).toString())
}

/**
 * Brings a store to this version, step by step; an empty one gets it. Killed anywhere, the next call ends the same.
 * @param options.steps @default all there are
 * @throws UsageError `file` when it was written by a newer version, or by one so old that no step begins there
 */
export async function bringUpToDate(
  disk: Disk,
  folder: string,
  onMigration: OnMigration,
  options: { to?: number; steps?: readonly Migration[] } = {},
): Promise<void> {
  const { to = SCHEMA_VERSION, steps = MIGRATIONS } = options
  let version = await schemaOf(disk)
  if (version === null) {
    await write(disk, to)
    return
  }
  assertReadable(version, folder, { to, steps })
  while (version < to) {
    const step = steps.find(({ from }) => from === version) as Migration
    onMigration({ from: version, to: version + 1, says: step.says })
    for await (const operations of step.run(disk)) await disk.batch(operations)
    version++
    await write(disk, version)
  }
}

function assertReadable(version: number, folder: string, { to, steps }: { to: number; steps: readonly Migration[] }): void {
  if (version === to) return
  const known = (from: number): boolean => from >= to || (steps.some((step) => step.from === from) && known(from + 1))
  if (version < to && known(version)) return
  const other = version > to ? 'a newer' : 'an older'
  const remedy = version > to ? 'use that one' : 'export its rounds with that one, and start with another folder'
  throw new UsageError(
    'file',
    `${folder}: written by ${other} kernelswarm (store version ${version}, this one reads ${to}); ${remedy}`,
  )
}

async function write(disk: Disk, version: number): Promise<void> {
  await disk.batch([{ type: 'put', key: KEY, value: Buffer.from(String(version)) }])
}
