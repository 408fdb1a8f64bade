import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * What commands under test have for a cache home, shared by all test files and runs, so that headers are precompiled once; one
 * for each user, who may not write another's, and another folder for one who may not write here at all.
 */
export const CACHE_HOME =
  process.env.KERNELSWARM_TEST_CACHE ??
  fileURLToPath(new URL(`../../node_modules/.cache/kernelswarm-test-${process.getuid?.()}`, import.meta.url))

/** The sandbox's folder in it: what a command prepares there serves the tests that open a sandbox themselves, and the other way. */
export const CACHE = join(CACHE_HOME, 'kernelswarm')
