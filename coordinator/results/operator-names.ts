import { createHmac, hkdfSync } from 'node:crypto'
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
  readonly #salt: Uint8Array

  constructor(key: PrivateKey) {
    this.#salt = new Uint8Array(hkdfSync('sha256', key.raw, '', 'kernelswarm operator names', SALT_BYTES))
  }

  of(operator: string): string {
    return createHmac('sha256', this.#salt).update(operator).digest('hex').slice(0, NAME_HEX_DIGITS)
  }
}
