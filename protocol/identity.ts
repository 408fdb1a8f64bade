import { randomUUID } from 'node:crypto'
import { link, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { UsageError } from './errors.ts'
import { makeFolder } from './folder.ts'

/**
 * Reads the key that is somebody's identity, or makes one on first use (Ed25519, file mode 0600).
 * @throws UsageError `file` when the file cannot be read, written, or is not a key
 */
export async function loadIdentity(file: string): Promise<PrivateKey> {
  try {
    return privateKeyFromProtobuf(await readFile(file))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return await createIdentity(file)
    const why = code === undefined ? 'it holds something else' : message
    throw new UsageError('file', `${file}: cannot be read as a key (${why}); move it away to get a new identity`)
  }
}

async function createIdentity(file: string): Promise<PrivateKey> {
  const key = await generateKeyPair('Ed25519')
  await makeFolder(dirname(file), { secret: true })
  const draft = `${file}.${randomUUID()}`
  try {
    await writeKey(draft, key)
    // A key gets its name when it is whole, and only where no other process was faster.
    await link(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return await loadIdentity(file)
    throw new UsageError('file', `${file}: cannot write a new key (${(error as Error).message})`)
  } finally {
    await rm(draft, { force: true })
  }
  return key
}

async function writeKey(file: string, key: PrivateKey): Promise<void> {
  await using handle = await open(file, 'wx', 0o600)
  await handle.writeFile(privateKeyToProtobuf(key))
  await handle.sync()
}
