import { realpath } from 'node:fs/promises'
import type { Jail } from '../jail/jail.ts'
import { find } from '../toolchain/find.ts'
import { programLibraries } from '../toolchain/libraries.ts'
import { type Reader, readWith } from '../toolchain/reader.ts'

/** A place in the program's own texts. */
export interface Place {
  /** `code`, `wrapper` or `test N`. */
  file: string
  line: number
}

const ANSWER_BYTES = 64 * 1024
const PROGRAM_AT = '/program'
const OWN = /^(?:.*\/)?(code|wrapper|test \d{1,3})$/
const HIGHEST_LINE = 10_000_000

/** The place a name and a line stand for, if they are the program's. */
export function ownPlace(file: string, line: number): Place | null {
  const name = OWN.exec(file)?.[1]
  return name === undefined || !(line > 0 && line < HIGHEST_LINE) ? null : { file: name, line }
}

/** The tool that knows lines by addresses, which comes with the assembler. Null where it is not. */
export async function findLineTool(): Promise<Reader | null> {
  const found = await find('addr2line')
  if (found === null) return null
  const path = await realpath(found)
  const libraries = await programLibraries(path).catch(() => null)
  return libraries === null ? null : { path, mounts: [{ kind: 'system', path }, ...libraries] }
}

/** Addresses in a program -> places, in a jail: what describes the lines is the compiler's, of a stranger's text. */
export class Places {
  readonly #jail: Jail
  readonly #tool: Reader
  constructor(components: { jail: Jail; tool: Reader }) {
    this.#jail = components.jail
    this.#tool = components.tool
  }

  /** The innermost place that is the program's own; null where there is none, or the tool does not say. */
  async first(product: Uint8Array, calls: readonly bigint[], { signal }: { signal: AbortSignal }): Promise<Place | null> {
    if (calls.length === 0) return null
    const addresses = calls.map((address) => `0x${address.toString(16)}`)
    const result = await readWith(
      { jail: this.#jail, tool: this.#tool },
      {
        argv: [this.#tool.path, '-i', '-e', PROGRAM_AT, ...addresses],
        data: { at: PROGRAM_AT, bytes: product },
        stdin: null,
        answerBytes: ANSWER_BYTES,
      },
      { signal },
    )
    return firstOwn(result.stdout.toString('latin1'))
  }
}

/** Lines `FILE:LINE` and `FILE:LINE (discriminator N)`, inlined functions before those they stand in. */
export function firstOwn(text: string): Place | null {
  for (const line of text.split('\n')) {
    const [, file, number] = /^(.*):(\d{1,9})(?: \(discriminator \d+\))?$/.exec(line) ?? []
    const place = file === undefined ? null : ownPlace(file, Number(number))
    if (place !== null) return place
  }
  return null
}
