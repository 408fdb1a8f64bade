import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What ends: a test, or all tests of a suite. */
export interface Ending {
  after(end: () => Promise<void>): void
}

/** A folder of the test's own, gone when it ends; nodes that are still to be stopped may write a last file into it. */
export async function scratch(t: Ending): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kernelswarm-test-'))
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }))
  return folder
}
