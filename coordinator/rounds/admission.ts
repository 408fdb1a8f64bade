import { open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import { makeFolder, UsageError } from '../../protocol/index.ts'
import { isLoopback } from '../work/operator.ts'
import { Refused } from './intake.ts'

/**
 * Who may open rounds: the keys in a file (a peer id a line, `#` begins a comment), read anew at each request so that
 * an edit counts at once; and, unless that is switched off, whoever runs on this machine.
 */
export class Admission {
  readonly #file: string
  readonly #local: boolean

  constructor(init: { file: string; local: boolean }) {
    this.#file = init.file
    this.#local = init.local
  }

  /** @throws Refused `not-allowed`, with the line that would allow it */
  async check(owner: string, address: Multiaddr): Promise<void> {
    if (this.#local && isLoopback(address)) return
    if ((await readAllowed(this.#file)).has(owner)) return
    throw new Refused(
      'not-allowed',
      `key ${owner} may not open rounds here; the operator allows it with: kernelswarm coordinator allow ${owner}`,
    )
  }
}

/** Adds a key to the file. @throws UsageError when it is no peer id or the file cannot be written */
export async function allow(file: string, key: string): Promise<'added' | 'known'> {
  try {
    peerIdFromString(key)
  } catch {
    throw new UsageError(
      'option',
      `${key}: not a peer id; expected something like 12D3KooW... (\`kernelswarm submit\` prints it)`,
    )
  }
  if ((await readAllowed(file)).has(key)) return 'known'
  await makeFolder(dirname(file), { secret: true })
  try {
    await using handle = await open(file, 'a', 0o600)
    await handle.writeFile(`${key}\n`)
    await handle.sync()
  } catch (error) {
    throw new UsageError('file', `${file}: cannot be written (${(error as Error).message})`)
  }
  return 'added'
}

async function readAllowed(file: string): Promise<Set<string>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw new UsageError('file', `${file}: cannot be read (${error.message})`)
  })
  return new Set(
    text
      .split('\n')
      .map((line) => line.replace(/#.*/, '').trim())
      .filter(Boolean),
  )
}
