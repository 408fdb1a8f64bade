import { execFile } from 'node:child_process'
import { access, constants, readFile, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { findChecker } from '../gpu/checker/find.ts'
import { findGpus, type GpuFacts } from '../gpu/find.ts'
import { findRuntime } from '../gpu/loader.ts'
import { canWatch, featuresOf } from '../jail/features.ts'
import { findCgroups } from '../jail/find-cgroups.ts'
import { JAIL_ID } from '../jail/limits.ts'
import { find } from '../toolchain/find.ts'
import { findGcov } from '../toolchain/gcov.ts'
import { knownArchs } from '../toolchain/nvcc/archs.ts'
import { findNvcc } from '../toolchain/nvcc/find.ts'
import { hasSanitizers } from '../toolchain/sanitizers.ts'
import { parseRelease, type Release } from './distribution.ts'

/** What was found on this machine; nothing in here is a judgement. */
export interface MachineFacts {
  node: string
  release: Release
  /** `problem`: what it is too old for. */
  bubblewrap: { version: string; problem: string | null } | null
  /** `works` is null where it cannot be tried. */
  namespaces: { works: boolean | null; said: string; restrictedByAppArmor: boolean }
  compiler: string | null
  /** Whether programs can be built with sanitizers, for the sanitized pass. */
  sanitizers: boolean
  /** The gcov of the compiler's version, for the coverage pass; null where there is none. */
  gcov: string | null
  cgroups: { memory: string | null; tasks: string | null; watchable: boolean }
  disk: { folder: string; freeBytes: number; writable: boolean } | null
  /** `runtime`: whether the static CUDA runtime stands beside it; `checker`: whether compute-sanitizer does; `archs`: what it builds for. */
  nvcc: { version: string; root: string; runtime: boolean; checker: boolean; archs: string[] } | null
  gpus: GpuFacts
}

/** A tool that does not answer in this time is broken; nvidia-smi takes seconds where it wakes the driver. */
const ANSWER_MS = 20_000

/** Looks at everything, whatever is missing; throws nothing that a missing part could cause. */
export async function findFacts(cacheDir: string): Promise<MachineFacts> {
  const [release, bubblewrap, compiler, cgroups, disk, nvcc, gpus] = await Promise.all([
    textOf('/etc/os-release').then(parseRelease),
    findBubblewrap(),
    findCompiler(),
    describeCgroups(),
    findDisk(cacheDir),
    describeNvcc(),
    findGpus(),
  ])
  return {
    node: process.versions.node,
    release,
    bubblewrap,
    namespaces: await tryNamespaces(),
    compiler,
    sanitizers: await findSanitizers(),
    gcov: await findCoverage(),
    cgroups,
    disk,
    nvcc,
    gpus,
  }
}

async function findBubblewrap(): Promise<MachineFacts['bubblewrap']> {
  const file = await find('bwrap')
  if (file === null) return null
  const version = (await answer(file, ['--version'])).said.replace('bubblewrap ', '')
  try {
    featuresOf((await answer(file, ['--help'])).said)
    return { version, problem: null }
  } catch (error) {
    return { version, problem: (error as Error).message }
  }
}

/** As root tried as nobody, as jails are made: what holds for root does not hold for him. */
async function tryNamespaces(): Promise<MachineFacts['namespaces']> {
  const restrictedByAppArmor = (await textOf('/proc/sys/kernel/apparmor_restrict_unprivileged_userns')).trim() === '1'
  const file = await find('bwrap')
  if (file === null) return { works: null, said: '', restrictedByAppArmor }
  const user = process.getuid?.() === 0 ? { uid: JAIL_ID, gid: JAIL_ID } : {}
  const args = ['--unshare-user', '--unshare-pid', '--unshare-net', '--ro-bind', '/', '/', '/bin/sh', '-c', 'exit 0']
  const { ended, said } = await answer(file, args, user)
  return { works: ended, said: said.split('\n')[0] ?? '', restrictedByAppArmor }
}

async function findCompiler(): Promise<string | null> {
  const file = await find('g++')
  if (file === null) return null
  const { ended, said } = await answer(file, ['-dumpfullversion', '-dumpversion'])
  return ended ? said : null
}

async function findSanitizers(): Promise<boolean> {
  const file = await find('g++')
  return file !== null && (await hasSanitizers(file))
}

async function findCoverage(): Promise<string | null> {
  const file = await find('g++')
  return file === null ? null : await findGcov(file)
}

async function describeCgroups(): Promise<MachineFacts['cgroups']> {
  const { memory, tasks } = await findCgroups()
  return { memory, tasks, watchable: await canWatch() }
}

/** Asked of the nearest folder that is there: the cache folder itself may not be made yet. */
async function findDisk(cacheDir: string): Promise<MachineFacts['disk']> {
  for (let folder = cacheDir; ; folder = dirname(folder)) {
    const found = await statfs(folder).catch(() => null)
    if (found !== null) {
      const writable = await access(folder, constants.W_OK).then(
        () => true,
        () => false,
      )
      return { folder: cacheDir, freeBytes: found.bavail * found.bsize, writable }
    }
    if (folder === dirname(folder)) return null
  }
}

async function describeNvcc(): Promise<MachineFacts['nvcc']> {
  const nvcc = await findNvcc()
  if (nvcc === null) return null
  const { version, root } = nvcc
  const [runtime, checker, archs] = await Promise.all([findRuntime(nvcc), findChecker(nvcc), knownArchs(nvcc)])
  return { version, root, runtime: runtime !== null, checker: checker !== null, archs }
}

async function answer(
  file: string,
  args: string[],
  user: { uid?: number; gid?: number } = {},
): Promise<{ ended: boolean; said: string }> {
  const options = { cwd: '/', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' }, timeout: ANSWER_MS, ...user }
  try {
    const { stdout } = await promisify(execFile)(file, args, options)
    return { ended: true, said: stdout.trim() }
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string }
    return { ended: false, said: (stderr || message).trim() }
  }
}

async function textOf(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch(() => '')
}
