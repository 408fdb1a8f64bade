import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import type { PrivateKey } from '@libp2p/interface'

const SALT_BYTES = 32
/** Of a name; short enough to read, long enough that no two operators of a coordinator share one. */
const NAME_HEX_DIGITS = 16

/**
 * What operators and networks are called where others can read it: the same one always alike, so that it can be seen which
 * verdicts are of one operator, in one archive and across all of a coordinator's. There are so few network prefixes that a
 * plain hash of one would be found by trying; so the names are salted, and the salt follows from the coordinator's key,
 * which it keeps.
 */
export class OperatorNames {
  /** As Node keeps keys: given as bytes, finding out what it is takes longer than the name. */
  readonly #salt: KeyObject
  /** An archive names the operators and networks of a round's votes again and again. */
  readonly #known = new Map<string, string>()

  constructor(key: PrivateKey) {
    const salt = hkdfSync('sha256', key.raw, '', 'kernelswarm operator names', SALT_BYTES)
    this.#salt = createSecretKey(new Uint8Array(salt))
  }

  of(operator: string): string {
    const known = this.#known.get(operator)
    if (known !== undefined) return known
    const name = createHmac('sha256', this.#salt).update(operator).digest('hex').slice(0, NAME_HEX_DIGITS)
    this.#known.set(operator, name)
    return name
  }
}
