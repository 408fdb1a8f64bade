import { join } from 'node:path'
import type { Pass, Program, RunLimits } from '../../../protocol/index.ts'
import { projectComposer } from '../../../sandbox/executor/project-composer.ts'
import type { TestRunner } from '../../../sandbox/executor/runner.ts'
import type { GpuBuilder, Way } from '../../../sandbox/gpu/build/index.ts'
import { type Checker, findChecker } from '../../../sandbox/gpu/checker/find.ts'
import { CheckedRunner, TOOLS_OF } from '../../../sandbox/gpu/checker/runner.ts'
import { GpuDevice } from '../../../sandbox/gpu/device.ts'
import { GpuExecutor } from '../../../sandbox/gpu/executor.ts'
import type { Climb } from '../../../sandbox/gpu/ladder.ts'
import { GpuRunner, gpuAttempts } from '../../../sandbox/gpu/runner.ts'
import { Turns } from '../../../sandbox/gpu/turns.ts'
import { SandboxFault, type TestRun } from '../../../sandbox/index.ts'
import { IsolatedRunner } from '../../../sandbox/isolated/runner.ts'
import { findNvcc } from '../../../sandbox/toolchain/nvcc/find.ts'
import { climbHere, findMeans, type GpuMeans } from './means.ts'
import { PrebuiltBuilder } from './products.ts'
import type { Stand } from './stand.ts'

export interface RunOptions {
  pass: Pass
  /** Which of the products that were made with the kit. */
  ways: readonly Way[]
  limits: RunLimits
  signal: AbortSignal
}

/** As many programs wait for the GPU as keep it busy: one has it, one makes its context. */
const AT_A_TIME = 2

/** The production path to the GPU, with products that were made with the kit. */
export class KitGpu implements AsyncDisposable {
  readonly atATime = AT_A_TIME
  readonly device: GpuDevice
  readonly means: GpuMeans
  readonly #builder: PrebuiltBuilder
  readonly #runners: Readonly<Partial<Record<Pass, TestRunner>>> & { plain: TestRunner }
  readonly #checker: string

  constructor(means: GpuMeans, stands: Extract<Climb, { kind: 'stands' }>, checker: Checker | null, project: string) {
    this.means = means
    const { jail, loader, libraries, cacheDir } = means
    const turns = new Turns(join(cacheDir, 'gpu', 'turns.lock'))
    this.device = new GpuDevice({ jail, loader, libraries, shows: stands.shows, turns })
    this.#builder = new PrebuiltBuilder(project, means.arch)
    this.#runners = runnersOf(this.device, checker)
    this.#checker = checker === null ? 'compute-sanitizer is not on this machine' : ''
  }

  /** Whether programs of others may be given to it. */
  get jailed(): boolean {
    return this.means.jailed
  }

  get passes(): Pass[] {
    return Object.keys(this.#runners) as Pass[]
  }

  /** Why it has no passes but the first two. */
  get lacks(): string {
    return this.#checker
  }

  async run(program: Program, { pass, ways, limits, signal }: RunOptions): Promise<TestRun[]> {
    const builder: Pick<GpuBuilder, 'build'> = {
      build: async (one, indices, options) => await this.#builder.build(one, indices, { ...options, ways }),
    }
    const { sharesFile } = projectComposer
    const executor = new GpuExecutor({ builder, arch: this.means.arch, runners: this.#runners, sharesFile })
    return (await executor.execute(program, pass, limits, { signal })).tests
  }

  /** Whether the program was built by the fast way, all its tests in one unit. */
  async isFast(program: Program): Promise<boolean> {
    const { arch } = this.means
    try {
      const product = await this.#builder.build(program, [...program.tests.keys()], {
        arch,
        ways: ['fast', 'own'],
        unit: 'isolated',
      })
      return product.kind === 'product' && product.way === 'fast'
    } catch (error) {
      if (error instanceof SandboxFault) return false
      throw error
    }
  }

  /** Whether the device computes right now; null where it does. */
  async wrong(signal: AbortSignal): Promise<string | null> {
    const probe = await this.device.probe({ signal })
    return probe.kind === 'computes' ? null : probe.why
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.device[Symbol.dispose]()
  }
}

/** @throws SandboxFault where no kernel computes */
export async function openKitGpu(stand: Stand): Promise<KitGpu> {
  const means = await findMeans(stand.places)
  if ('why' in means) throw new SandboxFault('gpu', means.why)
  const climbed = await climbHere(means, stand.signal)
  if (climbed.kind === 'none') throw new SandboxFault('gpu', 'no kernel computes any more')
  const nvcc = means.standIn ? null : await findNvcc()
  const checker = nvcc === null || !means.jailed ? null : await findChecker(nvcc)
  return new KitGpu(means, climbed, checker, join(stand.places.work, 'project'))
}

function runnersOf(
  device: GpuDevice,
  checker: Checker | null,
): Readonly<Partial<Record<Pass, TestRunner>>> & { plain: TestRunner } {
  const own = { plain: new GpuRunner({ device }), isolated: new IsolatedRunner(gpuAttempts({ device })) }
  if (checker === null) return own
  const checked = Object.entries(TOOLS_OF).map(([pass, tools]) => [pass, new CheckedRunner({ device, checker, tools })])
  return { ...own, ...(Object.fromEntries(checked) as Partial<Record<Pass, TestRunner>>) }
}
