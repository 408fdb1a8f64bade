import { join } from 'node:path'
import { COMPILE_WALL_MS } from '../../../protocol/index.ts'
import { DiskCompileCache } from '../../../sandbox/executor/compile-cache.ts'
import type { OpenJail } from '../../../sandbox/executor/open.ts'
import { type GpuBuilder, openGpuBuilder } from '../../../sandbox/gpu/build/index.ts'
import type { Nvcc } from '../../../sandbox/toolchain/nvcc/find.ts'
import { nvccMounts } from '../../../sandbox/toolchain/nvcc/mounts.ts'

/** All products of a kit, and those of the next one. */
const CACHE_BYTES = 2 * 1024 ** 3

/** The project's builder with the compilers of this machine: where a kit is made, and where it runs and there are any. */
export async function openBuilder(opened: OpenJail, nvcc: Nvcc, cacheDir: string): Promise<GpuBuilder> {
  const cache = await DiskCompileCache.open(join(cacheDir, 'products'), { maxBytes: CACHE_BYTES })
  const mounts = await nvccMounts(nvcc.root, opened.toolchain.mounts)
  return await openGpuBuilder({ ...opened, cache, cacheDir, nvcc, mounts, wallMs: COMPILE_WALL_MS })
}
