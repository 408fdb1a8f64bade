import { join, resolve } from 'node:path'
import { KernelswarmError, loadIdentity, peerIdOf, UsageError } from '../../protocol/index.ts'
import { askControl } from '../control/client.ts'
import { isUsed, Shadow } from '../store/shadow.ts'
import {
  archivesOf,
  assertFree,
  copyArchives,
  copyFiles,
  filesOf,
  KEY,
  LOG,
  type Manifest,
  makeWhole,
  readManifest,
  writeManifest,
} from './folder.ts'
import { type Copied, type Records, recordsOf, writeStore } from './records.ts'

export interface BackupInit {
  /** The coordinator's data folder. */
  data: string
  /** The backup's folder, which must not be there yet. */
  to: string
  /** Whether the coordinator's key goes into it. @default true */
  key?: boolean
  agent: string
  onProgress?: (done: Omit<Copied, 'sha256'>) => void
}

/**
 * Copies a coordinator's state as it is at one moment: of a running one through its control socket, which goes on meanwhile,
 * of a stopped one from its folder. The backup is there whole or not at all.
 * @throws UsageError `file`, KernelswarmError `backup` when the coordinator ends in the middle
 */
export async function backUp(init: BackupInit): Promise<Manifest> {
  const { data, agent, onProgress = () => {} } = init
  const to = resolve(init.to)
  await assertFree(to)
  const files = (await filesOf(data).catch(noFolder(data))).filter((name) => name !== KEY || init.key !== false)
  const coordinator = await idIn(data)
  return await makeWhole(to, async (draft) => {
    const copied = await readingFrom(data, async (records) => await writeStore(join(draft, LOG), records, onProgress))
    await copyFiles(data, draft, files)
    // After the store: what it says is in archives is there by then, and stays.
    const archives = await archivesOf(data)
    await copyArchives(data, draft, archives)
    const manifest: Manifest = { v: 1, at: Date.now(), agent, coordinator, ...copied, files, archives }
    await writeManifest(draft, manifest)
    return manifest
  })
}

/**
 * Makes the data folder of a coordinator from a backup, record by record, so that one that has changed since is refused.
 * @throws UsageError `file` when there is something already, or the backup is none or not whole
 */
export async function restore(init: Pick<BackupInit, 'data' | 'onProgress'> & { from: string }): Promise<Manifest> {
  const { data, from, onProgress = () => {} } = init
  const manifest = await readManifest(from)
  return await makeWhole(resolve(data), async (draft) => {
    await using source = await Shadow.open(join(from, LOG)).catch(notWhole(from))
    const copied = await writeStore(join(draft, LOG), source.db.iterator(), onProgress).catch(notWhole(from))
    if (copied.sha256 !== manifest.sha256) {
      const found = `${copied.records} records, and they are not the ${manifest.records} that it had when it was made`
      throw new UsageError(
        'file',
        `${from}: ${found}; take another backup (kernelswarm coordinator check says what is wrong with this one)`,
      )
    }
    await copyFiles(from, draft, manifest.files)
    await copyArchives(from, draft, manifest.archives)
    return manifest
  })
}

async function readingFrom<T>(data: string, use: (records: Records) => Promise<T>): Promise<T> {
  const log = join(data, LOG)
  if (await isUsed(log)) return await use(recordsOf(await askControl(data, '/backup')))
  await using shadow = await Shadow.open(log)
  return await use(shadow.db.iterator())
}

async function idIn(data: string): Promise<string> {
  if (!(await filesOf(data)).includes(KEY))
    throw new UsageError('file', `${data}: no coordinator's data folder (there is no ${KEY})`)
  return peerIdOf(await loadIdentity(join(data, KEY)))
}

function noFolder(data: string): (error: Error) => never {
  return (error) => {
    throw new UsageError('file', `${data}: no coordinator's data folder (${error.message})`)
  }
}

function notWhole(from: string): (error: Error) => never {
  return (error) => {
    if (error instanceof KernelswarmError) throw error
    throw new UsageError('file', `${from}: cannot be read to its end (${error.message}); take another backup`)
  }
}
