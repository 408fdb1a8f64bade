import { join } from 'node:path'
import type { Pass, Program, RunLimits } from '../../../protocol/index.ts'
import { projectComposer } from '../../../sandbox/executor/project-composer.ts'
import type { TestRunner } from '../../../sandbox/executor/runner.ts'
import type { GpuBuilder, Way } from '../../../sandbox/gpu/build/index.ts'
import { type Checker, findChecker } from '../../../sandbox/gpu/checker/find.ts'
import { proveChecker } from '../../../sandbox/gpu/checker/prove.ts'
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

/** The figure of the part `context` that tells how many processes there are best at a time. */
export const BEST_AT_A_TIME = 'processes at a time that were quickest'
/** Where it is not known: one has the GPU, one makes its context. */
const AT_A_TIME = 2

interface KitGpuParts {
  means: GpuMeans
  stands: Extract<Climb, { kind: 'stands' }>
  checker: { checker: Checker | null; says: string }
  project: string
  atATime: number
}

/** The production path to the GPU, with products that were made with the kit. */
export class KitGpu implements AsyncDisposable {
  readonly atATime: number
  readonly device: GpuDevice
  readonly means: GpuMeans
  /** Why it has no passes but the first two; what checks them where it has. */
  readonly checker: string
  readonly #prebuilt: PrebuiltBuilder
  readonly #runners: Readonly<Partial<Record<Pass, TestRunner>>> & { plain: TestRunner }

  constructor({ means, stands, checker, project, atATime }: KitGpuParts) {
    this.means = means
    this.atATime = atATime
    const { jail, loader, libraries, cacheDir } = means
    const turns = new Turns(join(cacheDir, 'gpu', 'turns.lock'))
    this.device = new GpuDevice({ jail, loader, libraries, shows: stands.shows, turns, atATime })
    this.#prebuilt = new PrebuiltBuilder(project, means.arch)
    this.#runners = runnersOf(this.device, checker.checker)
    this.checker = checker.says
  }

  get passes(): Pass[] {
    return Object.keys(this.#runners) as Pass[]
  }

  /** With the products of the kit. */
  async run(program: Program, options: RunOptions): Promise<TestRun[]> {
    const { ways } = options
    const prebuilt: Pick<GpuBuilder, 'build'> = {
      build: async (one, indices, asked) => await this.#prebuilt.build(one, indices, { ...asked, ways }),
    }
    return await this.runBuiltBy(prebuilt, program, options)
  }

  async runBuiltBy(
    builder: Pick<GpuBuilder, 'build'>,
    program: Program,
    { pass, limits, signal }: Omit<RunOptions, 'ways'>,
  ): Promise<TestRun[]> {
    const { sharesFile } = projectComposer
    const executor = new GpuExecutor({ builder, arch: this.means.arch, runners: this.#runners, sharesFile })
    return (await executor.execute(program, pass, limits, { signal })).tests
  }

  /** Whether the program was built by the fast way, all its tests in one unit. */
  async isFast(program: Program): Promise<boolean> {
    const { arch } = this.means
    try {
      const options = { arch, ways: ['fast', 'own'], unit: 'isolated' } as const
      const product = await this.#prebuilt.build(program, [...program.tests.keys()], options)
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

/**
 * @param options.atATime @default what the part `context` found to be quickest
 * @throws SandboxFault where no kernel computes
 */
export async function openKitGpu(stand: Stand, options: { atATime?: number } = {}): Promise<KitGpu> {
  const means = await findMeans(stand.places)
  if ('why' in means) throw new SandboxFault('gpu', means.why)
  const stands = await climbHere(means, stand.signal)
  if (stands.kind === 'none') throw new SandboxFault('gpu', 'no kernel computes any more')
  const checker = await openChecker(means, stands, stand.signal)
  const best = stand.found.context?.[BEST_AT_A_TIME]
  const atATime = options.atATime ?? (typeof best === 'number' ? best : AT_A_TIME)
  return new KitGpu({ means, stands, checker, project: join(stand.places.work, 'project'), atATime })
}

/** As the sandbox does it: where it does not find an overrun of ours, it is not used. */
async function openChecker(
  means: GpuMeans,
  { shows }: Extract<Climb, { kind: 'stands' }>,
  signal: AbortSignal,
): Promise<{ checker: Checker | null; says: string }> {
  if (means.standIn) return { checker: null, says: 'a stand-in has nothing that could be checked' }
  const nvcc = await findNvcc()
  const checker = nvcc === null ? null : await findChecker(nvcc)
  if (checker === null) return { checker, says: 'compute-sanitizer is not on this machine' }
  const wrong = await proveChecker(means, shows, checker, { signal })
  return wrong === null
    ? { checker, says: checker.path }
    : { checker: null, says: `${checker.path} does not find an overrun in the jail: ${wrong}` }
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
