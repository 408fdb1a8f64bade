import { createSandbox, SandboxFault } from '../../sandbox/index.ts'
import { plainSandbox } from '../sandbox/fixture.ts'
import { CACHE } from './cache.ts'

/**
 * Prepares, before all test files (`--test-global-setup`), what a machine prepares once: files that begin at the same time would each
 * do it. A machine that cannot is told of by the tests.
 */
export async function globalSetup(): Promise<void> {
  try {
    await createSandbox({ cacheDir: CACHE })
    await plainSandbox()
  } catch (error) {
    if (!(error instanceof SandboxFault)) throw error
  }
}
