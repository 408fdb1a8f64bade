import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DiskCompileCache } from '../../sandbox/executor/compile-cache.ts'
import { heavyNames } from '../../sandbox/executor/heavy-names.ts'
import { hostArguments } from '../../sandbox/gpu/build/fast/commands.ts'
import { hostHalf } from '../../sandbox/gpu/build/fast/host-half.ts'
import { readImage } from '../../sandbox/gpu/build/fast/image.ts'
import { HEADERS, HEADERS_AT, prepareHostHeaders } from '../../sandbox/gpu/build/fast/prepare.ts'
import { registration } from '../../sandbox/gpu/build/fast/registration.ts'
import { HOST_FLAGS, LINK_FLAGS, nvccArguments } from '../../sandbox/gpu/build/own.ts'
import { gpuUnit, headerOf, preludeOf, textsOf, type UnitTexts } from '../../sandbox/gpu/build/unit.ts'
import type { Jail } from '../../sandbox/jail/jail.ts'
import { INCLUDE_AT } from '../../sandbox/toolchain/compile-step.ts'
import type { Equipment } from '../../sandbox/toolchain/equipment.ts'
import { findNvcc } from '../../sandbox/toolchain/nvcc/find.ts'
import { nvccMounts } from '../../sandbox/toolchain/nvcc/mounts.ts'
import type { Toolchain } from '../../sandbox/toolchain/toolchain.ts'
import type { BenchCase } from './cases.ts'
import type { CpuClock } from './cpu-clock.ts'
import { defaultArch } from './ours.ts'
import { type Call, meanMs, type Stages, stagesOf, succeed } from './stages.ts'

/** What building for a GPU takes, milliseconds of the processor, the mean over those cases that the fast path takes. */
export interface GpuSteps {
  /** nvcc's part of the fast path. */
  imageMs: number
  /** g++'s part of it. */
  half: Stages
  /** nvcc with its own host pass, without the link after it. */
  ownMs: number
  cases: number
}

export interface GpuStepsParts {
  clock: CpuClock
  jail: Jail
  equipment: Equipment
  toolchain: Toolchain
  /** For what is written meanwhile. */
  folder: string
  cacheDir: string
}

/** Null where nvcc is not, or no case is one for the fast path. */
export async function gpuSteps(parts: GpuStepsParts, cases: readonly BenchCase[]): Promise<GpuSteps | null> {
  const { clock, equipment, toolchain, folder, cacheDir } = parts
  const nvcc = await findNvcc()
  if (nvcc === null) return null
  const own = { ...parts, nvcc, mounts: await nvccMounts(nvcc.root, toolchain.mounts) }
  const headers = await prepareHostHeaders(own)
  if (headers === null) return null
  const cache = await DiskCompileCache.open(join(cacheDir, 'products'), { maxBytes: 1024 ** 3 })
  const heavy = await heavyNames({ ...own, cache, compiler: toolchain.compiler })
  // Outside of a jail, so the places in it are those that stand for them.
  const here = (text: string) =>
    text.replaceAll(`${INCLUDE_AT}/`, `${equipment.include}/`).replaceAll(`${HEADERS_AT}/`, `${headers.folder}/`)
  const [source, product] = [join(folder, 'program.cu'), join(folder, 'product')]
  const call = nvccArguments(defaultArch(nvcc.version), toolchain.compiler)
  const compiled = (how: readonly string[]) => (text: string) => {
    writeFileSync(source, text)
    succeed(nvcc.path, [...how, ...call, '-o', product, source], '')
  }
  const image = compiled(['-fatbin'])
  const whole: string[] = []
  const halves: Call[] = []
  for (const { cuda } of cases) {
    const indices = [...cuda.tests.keys()]
    const texts = textsOf(cuda, indices)
    const prelude = preludeOf(cuda, indices, 'isolated', heavy)
    const unit = (header: string, of: UnitTexts) =>
      gpuUnit({ program: cuda, indices, kind: 'isolated', prelude: header, secret: equipment.secret }, of)
    const untouched = unit(headerOf(prelude), texts)
    const half = hostHalf(texts)
    if (half.kind === 'none' || untouched.kind !== 'unit') continue
    image(here(untouched.text))
    const read = readImage(readFileSync(product))
    const end = typeof read === 'string' ? null : registration(read, half.variables)
    const rewritten = unit(`${HEADERS_AT}/${HEADERS[prelude === 'lean' ? 'lean' : 'all']}`, half.texts)
    if (end === null || rewritten.kind !== 'unit') continue
    whole.push(here(untouched.text))
    halves.push({
      text: here(`${rewritten.text}${end}`),
      args: [...hostArguments(headers.cuda), '-x', 'c++', '-', ...LINK_FLAGS.map(here)],
    })
  }
  if (whole.length === 0) return null
  return {
    imageMs: await meanMs(clock, whole, image),
    half: await stagesOf(clock, toolchain.compiler, halves, product),
    ownMs: await meanMs(clock, whole, compiled(['-c', '-Xcompiler', HOST_FLAGS.join(',')])),
    cases: whole.length,
  }
}
