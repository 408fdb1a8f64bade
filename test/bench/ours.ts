import { join } from 'node:path'
import { type Pass, type Program, ROUND_DEFAULTS } from '../../protocol/index.ts'
import { DiskCompileCache } from '../../sandbox/executor/compile-cache.ts'
import { CompileBudget } from '../../sandbox/executor/compiler.ts'
import { openJail } from '../../sandbox/executor/open.ts'
import { projectComposer } from '../../sandbox/executor/project-composer.ts'
import { type GpuBuilder, type GpuProduct, openGpuBuilder, type Way } from '../../sandbox/gpu/build/index.ts'
import { createSandbox, type MachineSandbox, type TestRun } from '../../sandbox/index.ts'
import { findNvcc } from '../../sandbox/toolchain/nvcc/find.ts'
import { nvccMounts } from '../../sandbox/toolchain/nvcc/mounts.ts'

const { limits } = ROUND_DEFAULTS
const { signal } = new AbortController()

/** Both ways to decide what compiles on the CUDA side. */
export type Decider = 'nvcc' | 'g++'

/** This project's way: the code that nodes run, jails included. */
export class Ours {
  readonly #sandboxes: Readonly<Record<Decider, MachineSandbox>>
  /** Builds for GPUs; null where nvcc is not, or does not work. */
  readonly gpu: GpuArm | null
  private constructor(sandboxes: Readonly<Record<Decider, MachineSandbox>>, gpu: GpuArm | null) {
    this.#sandboxes = sandboxes
    this.gpu = gpu
  }

  /** Prepares what a machine prepares once. @param cacheDir empty: nothing is kept of other runs */
  static async open(cacheDir: string): Promise<Ours> {
    const without = await createSandbox({ cacheDir, nvcc: 'never' })
    const withNvcc = await createSandbox({ cacheDir })
    const gpu = withNvcc.compileStatus.nvcc === null ? null : await GpuArm.open(cacheDir)
    return new Ours({ nvcc: withNvcc, 'g++': without }, gpu)
  }

  /** What is known of nvcc here, in words. */
  get nvccSays(): string {
    return this.#sandboxes.nvcc.compileStatus.says
  }

  async host(program: Program, pass: Pass = 'plain'): Promise<TestRun[]> {
    return (await this.#sandboxes['g++'].execute(program, 'host', limits, { signal, pass })).tests
  }

  async emulated(program: Program, decider: Decider, pass: Pass = 'plain'): Promise<TestRun[]> {
    return (await this.#sandboxes[decider].execute(program, 'emulated', limits, { signal, pass })).tests
  }

  /** The passes of the strict rule that this machine has. */
  strictPasses(executor: 'host' | 'emulated'): Pass[] {
    return this.#sandboxes['g++'].environment(executor).passes.filter((pass) => pass !== 'plain')
  }
}

/** Programs of the CUDA side, built for a GPU of the architecture that nvcc takes where none is named. */
export class GpuArm {
  readonly #builder: GpuBuilder
  readonly #arch: string
  private constructor(builder: GpuBuilder, arch: string) {
    this.#builder = builder
    this.#arch = arch
  }

  static async open(cacheDir: string): Promise<GpuArm> {
    const { jail, toolchain, equipment } = await openJail({ composer: projectComposer }, { cacheDir })
    const nvcc = await findNvcc()
    if (nvcc === null) throw new Error('nvcc is gone')
    const cache = await DiskCompileCache.open(join(cacheDir, 'products'), { maxBytes: 1024 ** 3 })
    const mounts = await nvccMounts(nvcc.root, toolchain.mounts)
    return new GpuArm(
      await openGpuBuilder({ jail, cache, toolchain, equipment, nvcc, mounts, cacheDir }),
      defaultArch(nvcc.version),
    )
  }

  async build(program: Program, ways: readonly Way[]): Promise<GpuProduct> {
    const options = { arch: this.#arch, ways, unit: 'isolated' as const }
    return await this.#builder.build(program, [...program.tests.keys()], options, new CompileBudget(), signal)
  }
}

/** What nvcc of that version makes where no architecture is named. */
export function defaultArch(version: string): string {
  return Number.parseInt(version, 10) >= 13 ? 'sm_75' : 'sm_52'
}
