import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const SCRIPT = fileURLToPath(new URL('archive.py', import.meta.url))

/** What the auditor of `archive.py` finds: `holds` with what it counted, or `what` does not hold. */
export type FoundInPython = { holds: boolean; what?: string } & Record<string, unknown>

/** Has an archive audited by `archive.py`; null where there is no python3. */
export async function auditedInPython(folder: string, archive: Uint8Array): Promise<FoundInPython | null> {
  const path = join(folder, 'in-python.car')
  await writeFile(path, archive)
  const { stdout } = await promisify(execFile)('python3', [SCRIPT, path]).catch((error) => error)
  return typeof stdout === 'string' ? JSON.parse(stdout) : null
}
