import type { Multiaddr } from '@multiformats/multiaddr'
import { KeyList, type Setting } from '../key-list.ts'
import { isLoopback } from '../work/operator.ts'
import { Refused } from './intake.ts'

/** How much more or less than others somebody may be given. */
const LEAST_SHARE = 0.01
const MOST_SHARE = 100

/** What the owner of a key gets, compared with others. */
const SHARE: Setting<number> = {
  name: 'share',
  alone: () => 1,
  read: (text) => (isShare(Number(text)) ? Number(text) : null),
  expected: `a peer id, or one and share=N with N from ${LEAST_SHARE} to ${MOST_SHARE}`,
  printedBy: 'kernelswarm submit',
}

/**
 * Who may open rounds: the keys in a file (a peer id a line, with what its owner gets compared with others, such as `share=3`, where
 * that is not 1), read anew at each request; and, unless that is switched off, whoever runs on this machine.
 */
export class Admission {
  readonly #list: KeyList<number>
  readonly #local: boolean

  constructor(init: { file: string; local: boolean }) {
    this.#list = new KeyList(init.file, SHARE)
    this.#local = init.local
  }

  /** What an owner gets, compared with others. @throws Refused `not-allowed`, with the line that would allow it */
  async check(owner: string, address: Multiaddr): Promise<number> {
    const share = (await this.#list.read()).get(owner)
    if (share !== undefined) return share
    if (this.#local && isLoopback(address)) return 1
    throw new Refused(
      'not-allowed',
      `key ${owner} may not open rounds here; the operator allows it with: kernelswarm coordinator allow ${owner}`,
    )
  }
}

/**
 * Adds a key to the file, or gives it another share.
 * @throws UsageError when it is no peer id or the file cannot be written
 */
export async function allow(file: string, key: string, share = 1): Promise<'added' | 'known'> {
  return await new KeyList(file, SHARE).add(key, share === 1 ? null : String(share))
}

/** Whether a number may be somebody's share. */
export function isShare(share: number): boolean {
  return share >= LEAST_SHARE && share <= MOST_SHARE
}
