import type { Mount } from '../jail/policy.ts'
import { SandboxFault } from '../types.ts'
import { ask } from './ask.ts'
import { compilerMounts } from './compiler-mounts.ts'
import { need } from './find.ts'
import { findGcov } from './gcov.ts'
import { hasSanitizers } from './sanitizers.ts'

/** What this machine compiles with. */
export interface Toolchain {
  /** The C++ compiler, where all its links lead. */
  compiler: string
  /** For example `g++ 12.2.0`. */
  compilerVersion: string
  /** What a jail needs of the system to compile. */
  mounts: Mount[]
  /** Names the headers of the system: changes when they do. */
  headers: string
  bubblewrap: string
  /** Whether programs can be built with sanitizers. */
  sanitizers: boolean
  /** The tool that reads the counters of this compiler's programs; null where it is not there. */
  gcov: string | null
  /** Processor family, for example `x86-64`. */
  cpu: string
}

const CPU_FAMILIES: Readonly<Record<string, string>> = { x64: 'x86-64', arm64: 'aarch64' }

/**
 * Looks once for all that is needed; copies of headers are kept in the cache folder.
 * @param known a bubblewrap that stands elsewhere than programs of the system do
 * @throws SandboxFault naming what is missing and the line to type
 */
export async function findToolchain(cacheDir: string, known?: string): Promise<Toolchain> {
  if (process.platform !== 'linux') throw new SandboxFault('jail', 'jails are made of Linux namespaces: this machine has none')
  const compiler = await need('g++', { apt: 'g++', dnf: 'gcc-c++', pacman: 'gcc' })
  const bubblewrap = known ?? (await need('bwrap', { apt: 'bubblewrap', dnf: 'bubblewrap', pacman: 'bubblewrap' }))
  const version = (await ask(compiler, ['-dumpfullversion', '-dumpversion'])).trim()
  return {
    compiler,
    compilerVersion: `g++ ${version}`,
    ...(await compilerMounts(compiler, cacheDir)),
    bubblewrap,
    sanitizers: await hasSanitizers(compiler),
    gcov: await findGcov(compiler),
    cpu: CPU_FAMILIES[process.arch] ?? process.arch,
  }
}
