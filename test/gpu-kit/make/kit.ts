import { spawnSync } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type OpenJail, openJail } from '../../../sandbox/executor/open.ts'
import { projectComposer } from '../../../sandbox/executor/project-composer.ts'
import { createSandbox } from '../../../sandbox/index.ts'
import { filesBelow } from '../../../sandbox/toolchain/folders.ts'
import { SANDBOX_VERSION } from '../../../sandbox/toolchain/version.ts'
import { BOTH_WAYS, type KitCase, nameOf, writeCases } from '../there/cases.ts'
import { morePrograms } from '../there/more-programs.ts'
import type { KitFacts } from '../there/report.ts'
import { type PackedFile, pack } from './archive.ts'
import { type BareCase, emulate, readSets } from './cases.ts'
import { equipmentFiles } from './equipment.ts'
import { loaderFile, openGpuMaker, productFiles, type ToBuild } from './gpu.ts'
import { moduleFiles } from './modules.ts'
import { type CarriedProgram, carry, loaderOf, packedLibraries, packedNode } from './programs.ts'

export interface KitInit {
  out: string
  archs: readonly string[]
  /** Programs whose name (`corpus/axpy`, `hostile/G1 a kernel that never ends`) matches: a regular expression, empty for all. */
  only: string
  /** Whether Node goes with it. */
  node: boolean
  cacheDir: string
  /** Whether a stand-in plays CUDA's runtime. */
  standIn: boolean
}

export interface KitOptions {
  signal: AbortSignal
  tell(line: string): void
}

/** A kit must fit beside a checkout where 64 MiB are taken along. */
const MOST_BYTES = 55 * 1024 ** 2
/** Programs at a time. */
const AT_A_TIME = 2

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const HERE = fileURLToPath(new URL('..', import.meta.url))
const ENTRIES = ['test/gpu-kit/there/main.ts', 'test/gpu-kit/there/part.ts'] as const
/** What the sandbox reads beside its modules. */
const DATA = ['sandbox/harness', 'sandbox/jail'] as const
/** At the top of a kit, as they are. */
const PLAIN = ['run.sh', 'there/boot.mts', 'there/unpack.mts', 'there/README.md'] as const

/**
 * 1. The programs: corpus, examples, and the recorded cases where they lie beside the checkout.
 * 2. What the emulated executor says of each, in both passes.
 * 3. For each kind of GPU: the loader, and every product that the executor would ask for.
 * 4. The project's files, by loading its modules; bubblewrap and Node with their libraries.
 *
 * @throws Error where it grows larger than a kit may be, or something to be packed is not there
 */
export async function makeKit(init: KitInit, { signal, tell }: KitOptions): Promise<void> {
  const out = resolve(init.out)
  await emptyFolder(out)
  const sandbox = await createSandbox({ cacheDir: init.cacheDir })
  const bare = readSets(new RegExp(init.only))
  tell(`${bare.length} programs; what the emulated executor says of them ...`)
  const cases = await emulated(bare, async (one) => await emulate(sandbox, one, signal))
  const { compiler, nvcc } = sandbox.environment('emulated')
  const facts: KitFacts = {
    ...{ madeAt: new Date().toISOString(), commit: commit(), sandbox: SANDBOX_VERSION, archs: [...init.archs] },
    ...{ nvcc: nvcc ?? 'none', compiler, cases: cases.length },
    ...{ standIn: init.standIn, only: init.only },
    tests: cases.reduce((sum, { program }) => sum + program.tests.length, 0),
  }
  const bubblewrap = await carry('/usr/bin/bwrap')
  await writePlain(out, bubblewrap, init)
  const opened = await openJail({ composer: projectComposer }, { cacheDir: init.cacheDir })
  const gpu = await gpuFiles(opened, cases, init, { signal, tell })
  const project = [
    ...(await projectFiles(cases, facts)),
    ...(await equipmentFiles(opened)),
    ...gpu.loaders,
    { path: 'bwrap', bytes: bubblewrap.bytes, executable: true },
  ]
  await writeFile(join(out, 'project.zst'), pack(project))
  await writeFile(join(out, 'products.zst'), pack(gpu.products))
  const bytes = await sizeOf(out)
  tell(
    `${out}: ${(bytes / 1024 ** 2).toFixed(1)} MiB, ${facts.cases} programs with ${facts.tests} tests, for ${init.archs.join(' ')}`,
  )
  if (bytes > MOST_BYTES) throw new Error(`a kit may have ${MOST_BYTES / 1024 ** 2} MiB; name fewer architectures with --arch`)
}

/** Loaders and products for each kind of GPU. Those of one program stand beside each other: they are much alike. */
async function gpuFiles(
  opened: OpenJail,
  cases: readonly KitCase[],
  { archs, cacheDir, standIn, only }: KitInit,
  { signal, tell }: KitOptions,
): Promise<{ loaders: PackedFile[]; products: PackedFile[] }> {
  const maker = await openGpuMaker(opened, cacheDir, { standIn })
  const programs: ToBuild[] = [
    ...cases.map(({ set, program }) => ({ program, own: BOTH_WAYS.includes(set) })),
    ...morePrograms(only).map((program) => ({ program, own: false })),
  ]
  const loaders: PackedFile[] = []
  const products: PackedFile[] = []
  for (const arch of archs) {
    loaders.push(await loaderFile(maker, opened, arch, cacheDir))
    let built = 0
    const done = () => {
      if (++built % 20 === 0 || built === programs.length) tell(`${arch}: ${built} of ${programs.length} programs are built`)
    }
    products.push(...(await productFiles(maker, opened, arch, programs, { signal, done })))
  }
  return { loaders, products }
}

/** Only what was a kit is removed. */
async function emptyFolder(out: string): Promise<void> {
  await mkdir(out, { recursive: true })
  const names = await readdir(out)
  if (names.length > 0 && !names.includes('boot.mts')) throw new Error(`${out} holds something that is no kit`)
  for (const name of names) await rm(join(out, name), { recursive: true })
}

async function emulated(bare: readonly BareCase[], run: (one: BareCase) => Promise<KitCase>): Promise<KitCase[]> {
  const done = new Map<BareCase, KitCase>()
  const waiting = bare.values()
  const worker = async () => {
    for (const one of waiting) done.set(one, await run(one))
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, worker))
  return bare.map((one) => {
    const found = done.get(one)
    if (found === undefined) throw new Error(`${nameOf(one)} was not run`)
    return found
  })
}

/** What can be read before anything is unpacked: scripts, Node, libraries with their loader. */
async function writePlain(out: string, bubblewrap: CarriedProgram, { node, cacheDir }: KitInit): Promise<void> {
  for (const name of PLAIN) await writeFile(join(out, name.replace('there/', '')), await readFile(join(HERE, name)))
  await chmod(join(out, 'run.sh'), 0o755)
  const libraries = new Map([...bubblewrap.libraries, ...(node ? (await carry(process.execPath)).libraries : [])])
  await writeFile(join(out, 'loader'), loaderOf(libraries.keys()))
  const files = packedLibraries(libraries)
  if (node) files.push({ path: 'node.gz', bytes: await packedNode(process.execPath, cacheDir) })
  for (const { path, bytes } of files) {
    await mkdir(dirname(join(out, path)), { recursive: true })
    await writeFile(join(out, path), bytes)
  }
}

async function projectFiles(cases: readonly KitCase[], facts: KitFacts): Promise<PackedFile[]> {
  const modules = await moduleFiles(ENTRIES)
  const known = new Set(modules.map(({ path }) => path))
  const data = (await Promise.all(DATA.map((folder) => below(folder)))).flat().filter(({ path }) => !known.has(path))
  return [
    { path: 'package.json', bytes: await readFile(join(ROOT, 'package.json')) },
    { path: 'kit.json', bytes: Buffer.from(JSON.stringify(facts)) },
    { path: 'cases.jsonl', bytes: writeCases(cases) },
    ...[...modules, ...data].filter(({ path }) => path !== 'package.json'),
  ]
}

async function below(folder: string): Promise<PackedFile[]> {
  const files = await filesBelow(join(ROOT, folder))
  return files.map(({ path, bytes }) => ({ path: join(folder, path), bytes }))
}

function commit(): string {
  const git = (...args: string[]) => spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' })
  const name = git('rev-parse', '--short=12', 'HEAD')
  if (name.status !== 0) return 'unknown'
  const changed = git('status', '--porcelain', '--untracked-files=no').stdout.trim() !== ''
  return `${name.stdout.trim()}${changed ? ' with changes' : ''}`
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
