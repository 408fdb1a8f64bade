import { open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { peerIdFromString } from '@libp2p/peer-id'
import { makeFolder, UsageError } from '../../protocol/index.ts'

/** Largest list that is read: some ten thousand nodes. */
const MAX_LIST_BYTES = 1024 * 1024
/** Longest name of whoever runs some nodes, characters. */
const MAX_NAME = 60

/** What the list says of a node: who runs it, for one vote between all of theirs. */
export interface Guest {
  operator: string
}

/**
 * Nodes that the coordinator's operator knows, in a file: a peer id a line, that of a node or of an owner's key, with the name of who runs
 * it where one person has several (`operator=anna`); `#` begins a comment. Read anew for each node that comes, so that an edit counts
 * for those who come after it.
 *
 * A listed node counts for who runs it, whatever network it comes from: the operator of the coordinator says that he knows them apart. A
 * private coordinator lets in no others.
 */
export class Guests {
  readonly isPrivate: boolean
  readonly #file: string

  constructor(init: { file: string; isPrivate: boolean }) {
    this.#file = init.file
    this.isPrivate = init.isPrivate
  }

  /** What the list says of a node, by its own name or its owner's; null where neither is on it. @throws UsageError `file` */
  async find(node: string, owner: string | null): Promise<Guest | null> {
    const list = await readGuests(this.#file)
    const key = list.has(node) ? node : owner
    return key === null ? null : (list.get(key) ?? null)
  }
}

/**
 * Adds a node, or an owner's key, to the list, or gives it another operator.
 * @throws UsageError when it is no peer id, the name is none, or the file cannot be written
 */
export async function addGuest(file: string, key: string, operator: string | null): Promise<'added' | 'known'> {
  try {
    peerIdFromString(key)
  } catch {
    throw new UsageError(
      'option',
      `${key}: not a peer id; expected something like 12D3KooW... (\`kernelswarm node own --show\` prints it)`,
    )
  }
  if (operator !== null && !isName(operator)) {
    throw new UsageError(
      'option',
      `--operator ${operator}: expected at most ${MAX_NAME} letters, digits, dots, dashes and underscores`,
    )
  }
  if ((await readGuests(file)).get(key)?.operator === `listed ${operator ?? key}`) return 'known'
  await makeFolder(dirname(file), { secret: true })
  try {
    await using handle = await open(file, 'a', 0o600)
    await handle.writeFile(operator === null ? `${key}\n` : `${key} operator=${operator}\n`)
    await handle.sync()
  } catch (error) {
    throw new UsageError('file', `${file}: cannot be written (${(error as Error).message})`)
  }
  return 'added'
}

/** Of two lines with one key the later counts. */
async function readGuests(file: string): Promise<Map<string, Guest>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw new UsageError('file', `${file}: cannot be read (${error.message})`)
  })
  if (Buffer.byteLength(text) > MAX_LIST_BYTES) throw new UsageError('file', `${file}: more than ${MAX_LIST_BYTES} bytes`)
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim())
  return new Map(lines.filter(Boolean).map((line) => readLine(line, file)))
}

function readLine(line: string, file: string): [string, Guest] {
  const [key = '', setting, ...more] = line.split(/\s+/)
  if (setting === undefined) return [key, { operator: `listed ${key}` }]
  const name = /^operator=(\S+)$/.exec(setting)?.[1] ?? ''
  if (!isName(name) || more.length > 0) {
    throw new UsageError('file', `${file}: ${line}: expected a peer id, or one and operator=NAME`)
  }
  return [key, { operator: `listed ${name}` }]
}

function isName(text: string): boolean {
  return text.length <= MAX_NAME && /^[\w.-]+$/.test(text)
}
