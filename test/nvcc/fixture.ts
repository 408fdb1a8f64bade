import { join } from 'node:path'
import { COMPILE_WALL_MS, type Program } from '../../protocol/index.ts'
import { DiskCompileCache } from '../../sandbox/executor/compile-cache.ts'
import { CompileBudget } from '../../sandbox/executor/compiler.ts'
import type { Decision, NvccOracle } from '../../sandbox/executor/nvcc-oracle.ts'
import { type OpenJail, openJail } from '../../sandbox/executor/open.ts'
import { type OracleParts, openOracle } from '../../sandbox/executor/open-oracle.ts'
import { projectComposer } from '../../sandbox/executor/project-composer.ts'
import type { OpenGpuParts } from '../../sandbox/gpu/open.ts'
import { findNvcc } from '../../sandbox/toolchain/nvcc/find.ts'
import { CACHE } from '../support/cache.ts'

/** Why tests that ask nvcc are left out here, or false. */
export const NO_NVCC = (await findNvcc()) === null ? 'no nvcc on this machine' : false

/** What an oracle is opened with here, and a GPU. */
export async function partsHere(): Promise<OracleParts & OpenGpuParts & Pick<OpenJail, 'throttles'>> {
  const opened = await openJail({ composer: projectComposer }, { cacheDir: CACHE })
  const cache = await DiskCompileCache.open(join(CACHE, 'products'), { maxBytes: 512 * 1024 ** 2 })
  return { ...opened, cache, composer: projectComposer, cacheDir: CACHE, compileWallMs: COMPILE_WALL_MS }
}

/** The oracle of this machine. @throws when nvcc does not decide here, with its reason */
export async function oracleHere(): Promise<NvccOracle> {
  const { oracle, source } = await openOracle(await partsHere(), 'where-possible')
  if (oracle === null) throw new Error(source.says)
  return oracle
}

/** What the cheap way says of a program with all its tests, and what a whole compile says. */
export async function bothWays(oracle: NvccOracle, program: Program): Promise<{ cheap: Decision; whole: Decision }> {
  const { signal } = new AbortController()
  const all = [...program.tests.keys()]
  const cheap = await oracle.decide(program, all, new CompileBudget(), signal)
  return { cheap, whole: await oracle.settle(program, all, new CompileBudget(), signal) }
}
