import { join } from 'node:path'
import { CidText, holds, loadIdentity, peerIdOf } from '../../protocol/index.ts'
import { ARCHIVES, ArchiveFolder } from '../archives/folder.ts'
import { ARCHIVE_PREFIX, PRUNED_PREFIX } from '../archives/records.ts'
import { filesOf, KEY, LOG, readManifest } from '../backup/folder.ts'
import { faultsIn } from '../store/leveldb/files.ts'
import { SCHEMA_VERSION, schemaOf } from '../store/schema.ts'
import { assertUnused, Shadow } from '../store/shadow.ts'
import { Contents } from './contents.ts'
import { type Finding, RESTORE } from './finding.ts'
import { ANEW } from './fold.ts'
import { Reading } from './reading.ts'

export interface CheckInit {
  /** A data folder or a backup. */
  folder: string
  onFinding: (finding: Finding) => void
  /** How far it is, now and then. */
  onProgress?: (done: Checked) => void
}

/** What was looked at. */
export interface Checked {
  events: number
  verdicts: number
  blobs: number
  /** Contents that have left the store, and are in archives. */
  archived: number
}

/** Events between two words of progress. */
const PROGRESS_EVENTS = 1_000

/**
 * Reads all of a store and changes nothing:
 *
 * 1. its files, against the checksums in them;
 * 2. its version;
 * 3. the log: unbroken numbers, each event in its form, and following from those before it;
 * 4. whatever an event names: there, and what its name says; each signed verdict says what the log keeps of it;
 * 5. the records of the state, against those that the log gives;
 * 6. the archives, and the contents that are in them alone;
 * 7. what nothing names.
 *
 * @throws UsageError `file` when there is no store, it is in use, or of another version
 */
export async function check({ folder, onFinding, onProgress = () => {} }: CheckInit): Promise<Checked & { findings: number }> {
  const log = join(folder, LOG)
  await assertUnused(log)
  let findings = 0
  const find = (finding: Finding) => {
    findings++
    onFinding(finding)
  }
  const done: Checked = { events: 0, verdicts: 0, blobs: 0, archived: 0 }
  for await (const fault of faultsIn(log)) {
    find({ where: `${LOG}/${fault.file}, byte ${fault.at}`, what: fault.what, remedy: RESTORE })
  }
  await checkKey(folder, find)
  const shadow = await openTo(log, find)
  if (shadow === null) return { ...done, findings }
  await using opened = shadow
  try {
    if (await hasOurVersion(opened.db, find)) await readAll(opened.db, { folder, done, find, onProgress })
  } catch (error) {
    find({ where: LOG, what: `the database cannot be read any further (${reasonOf(error as Error)})`, remedy: RESTORE })
  }
  return { ...done, findings }
}

async function hasOurVersion(db: Shadow['db'], find: (finding: Finding) => void): Promise<boolean> {
  const version = await schemaOf(db)
  if (version === SCHEMA_VERSION) return true
  const what = version === null ? 'no version is written' : `version ${version}, this kernelswarm checks ${SCHEMA_VERSION}`
  const other = 'check it with the kernelswarm that wrote it, or start that of this version, which brings an older one up to date'
  find({ where: 'meta/schema', what, remedy: version === null ? RESTORE : other })
  return false
}

async function readAll(
  db: Shadow['db'],
  {
    folder,
    done,
    find,
    onProgress,
  }: Pick<CheckInit, 'folder'> & {
    done: Checked
    find: (finding: Finding) => void
    onProgress: (done: Checked) => void
  },
): Promise<void> {
  const archives = new ArchiveFolder(join(folder, ARCHIVES))
  const contents = new Contents(db, archives)
  const reading = new Reading(db, contents, find)
  for await (const [key, value] of db.iterator({ gte: 'event/', lt: 'event0' })) {
    await reading.event(key, value)
    done.events++
    done.verdicts = reading.verdicts
    if (done.events % PROGRESS_EVENTS === 0) onProgress(done)
  }
  for await (const [key, what] of reading.recordsThatDiffer()) find({ where: JSON.stringify(key), what, remedy: RESTORE })
  for await (const [key, value] of db.iterator({ gte: 'blob/', lt: 'blob0' })) {
    done.blobs++
    const wrong = await wrongWith(key.slice('blob/'.length), value, reading)
    if (wrong !== null) find({ where: JSON.stringify(key), ...wrong })
    if (done.blobs % PROGRESS_EVENTS === 0) onProgress(done)
  }
  for await (const finding of contents.archived((cid) => reading.names(cid))) {
    if (finding === null) done.archived++
    else find(finding)
  }
  await archives.close()
  for await (const key of db.keys()) {
    if (!isKnown(key)) find({ where: JSON.stringify(key), what: 'no record of ours has such a key', remedy: RESTORE })
  }
}

/** Envelopes and outputs were read with the verdicts that name them. */
async function wrongWith(cid: string, bytes: Uint8Array, reading: Reading): Promise<Omit<Finding, 'where'> | null> {
  if (!CidText.safeParse(cid).success || !reading.names(cid)) {
    return { what: 'nothing in the log names it', remedy: `what names it, or should be there instead, is lost: ${RESTORE}` }
  }
  if (reading.isProgram(cid) && !(await holds(cid, bytes))) return { what: 'its bytes have another hash', remedy: RESTORE }
  return null
}

/** What the database says; the reason is what its error was made of, where it says so. */
function reasonOf(error: Error): string {
  return (error.cause as Error | undefined)?.message ?? error.message
}

/** Keys of records, by how they begin. */
function isKnown(key: string): boolean {
  return (
    key === 'meta/schema' ||
    ['event/', 'blob/', ARCHIVE_PREFIX, PRUNED_PREFIX, 'view/', ANEW].some((prefix) => key.startsWith(prefix))
  )
}

async function openTo(log: string, find: (finding: Finding) => void): Promise<Shadow | null> {
  try {
    return await Shadow.open(log)
  } catch (error) {
    if ((error as Error).name === 'KernelswarmError') throw error
    find({ where: LOG, what: `the database cannot be opened (${reasonOf(error as Error)})`, remedy: RESTORE })
    return null
  }
}

/** The key is there, is one, and is that of the backup. */
async function checkKey(folder: string, find: (finding: Finding) => void): Promise<void> {
  const files = await filesOf(folder)
  const manifest = await readManifest(folder).catch(() => null)
  if (!files.includes(KEY)) {
    if (manifest !== null && !manifest.files.includes(KEY)) return
    find({ where: KEY, what: 'it is missing', remedy: 'a coordinator started here has another identity: put the key back' })
    return
  }
  const id = await loadIdentity(join(folder, KEY)).then(peerIdOf, (error: Error) => error.message)
  if (manifest !== null && id !== manifest.coordinator) {
    find({ where: KEY, what: `it is that of ${id}, the backup is of ${manifest.coordinator}`, remedy: 'put the right key there' })
  }
}
