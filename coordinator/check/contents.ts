import { stat } from 'node:fs/promises'
import type { Level } from 'level'
import { CarFile, CidText } from '../../protocol/index.ts'
import { ARCHIVES, type ArchiveFolder } from '../archives/folder.ts'
import { ARCHIVE_PREFIX, archiveFrom, archiveKey, PRUNED_PREFIX, placeFrom, prunedKey } from '../archives/records.ts'
import { type Finding, RESTORE } from './finding.ts'

/** What to do about an archive that is lost. */
const PUT_BACK = `put a good copy of it into ${ARCHIVES}/, from a backup or from whoever was given it`

/** The contents of a store that is checked, those that are in archives too. */
export class Contents {
  readonly #db: Level<string, Uint8Array>
  readonly #archives: ArchiveFolder

  constructor(db: Level<string, Uint8Array>, archives: ArchiveFolder) {
    this.#db = db
    this.#archives = archives
  }

  /** Undefined where there is none of that name; null where it is in an archive that does not have it, which `archived` finds. */
  async get(cid: string): Promise<Uint8Array | null | undefined> {
    const found = await this.#db.get(`blob/${cid}`)
    if (found !== undefined) return found
    const place = await this.#db.get(prunedKey(cid))
    if (place === undefined) return undefined
    try {
      return await this.#archives.read(cid, placeFrom(place))
    } catch {
      return null
    }
  }

  /** Whether there is one of that name, in the store or said to be in an archive. */
  async has(cid: string): Promise<boolean> {
    for (const key of [`blob/${cid}`, prunedKey(cid)]) {
      const [found] = await this.#db.keys({ gte: key, lte: key, limit: 1 }).all()
      if (found !== undefined) return true
    }
    return false
  }

  /** Goes through the archives, then through the contents that are in them; null for one that is as it should be. */
  async *archived(names: (cid: string) => boolean): AsyncGenerator<Finding | null> {
    for await (const [key, value] of this.#db.iterator({ gte: ARCHIVE_PREFIX, lt: 'archive0' })) {
      const what = await this.#wrongWithArchive(key.slice(ARCHIVE_PREFIX.length), value)
      if (what !== null) yield { where: JSON.stringify(key), what, remedy: PUT_BACK }
    }
    for await (const [key, value] of this.#db.iterator({ gte: PRUNED_PREFIX, lt: 'pruned0' })) {
      yield await this.#wrongWithContent(key, value, names)
    }
  }

  async #wrongWithArchive(round: string, value: Uint8Array): Promise<string | null> {
    const file = this.#archives.fileOf(round)
    try {
      const { root, bytes } = archiveFrom(value)
      const { size } = await stat(file)
      if (size !== bytes) return `the archive has ${size} bytes, not ${bytes}`
      await using car = await CarFile.begin(file)
      return car.root === root ? null : 'the archive is another one'
    } catch (error) {
      return `the archive cannot be read (${(error as Error).message})`
    }
  }

  async #wrongWithContent(key: string, value: Uint8Array, names: (cid: string) => boolean): Promise<Finding | null> {
    const cid = key.slice(PRUNED_PREFIX.length)
    const where = JSON.stringify(key)
    if (!CidText.safeParse(cid).success || !names(cid)) return { where, what: 'nothing in the log names it', remedy: RESTORE }
    try {
      const place = placeFrom(value)
      if ((await this.#db.get(archiveKey(place.round))) === undefined)
        return { where, what: `no archive of round ${place.round} is noted`, remedy: RESTORE }
      await this.#archives.read(cid, place)
      return null
    } catch (error) {
      return { where, what: (error as Error).message, remedy: PUT_BACK }
    }
  }
}
