import { UsageError } from '../../protocol/index.ts'
import { KeyList, type Setting } from '../key-list.ts'

/** Longest name of whoever runs some nodes, characters. */
const MAX_NAME = 60

/** What the list says of a node: who runs it, for one vote between all of theirs. */
export interface Guest {
  operator: string
}

/** Who runs a node, as votes are counted. */
const OPERATOR: Setting<string> = {
  name: 'operator',
  alone: (key) => `listed ${key}`,
  read: (name) => (isName(name) ? `listed ${name}` : null),
  expected: 'a peer id, or one and operator=NAME',
  printedBy: 'kernelswarm node own --show',
}

/**
 * Nodes that the coordinator's operator knows, in a file: a peer id a line, that of a node or of an owner's key, with the name of who runs
 * it where one person has several (`operator=anna`). Read anew for each node that comes, so that an edit counts for those who come
 * after it.
 *
 * A listed node counts for who runs it, whatever network it comes from: the operator of the coordinator says that he knows them apart. A
 * private coordinator lets in no others.
 */
export class Guests {
  readonly isPrivate: boolean
  readonly #list: KeyList<string>

  constructor(init: { file: string; isPrivate: boolean }) {
    this.#list = new KeyList(init.file, OPERATOR)
    this.isPrivate = init.isPrivate
  }

  /** What the list says of a node, by its own name or its owner's; null where neither is on it. @throws UsageError `file` */
  async find(node: string, owner: string | null): Promise<Guest | null> {
    const list = await this.#list.read()
    const operator = list.get(node) ?? (owner === null ? undefined : list.get(owner))
    return operator === undefined ? null : { operator }
  }
}

/**
 * Adds a node, or an owner's key, to the list, or gives it another operator.
 * @throws UsageError when it is no peer id, the name is none, or the file cannot be written
 */
export async function addGuest(file: string, key: string, operator: string | null): Promise<'added' | 'known'> {
  if (operator !== null && !isName(operator)) {
    throw new UsageError(
      'option',
      `--operator ${operator}: expected at most ${MAX_NAME} letters, digits, dots, dashes and underscores`,
    )
  }
  return await new KeyList(file, OPERATOR).add(key, operator)
}

function isName(text: string): boolean {
  return text.length <= MAX_NAME && /^[\w.-]+$/.test(text)
}
