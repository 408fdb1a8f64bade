import type { BuildSettings, CpuExecutor } from '../source/settings.ts'
import { INCLUDE_AT } from '../toolchain/compile-step.ts'

/** A unit of the isolated pass: a shared object, its own names its own, all but what it shares with the loader. */
const LINK_FLAGS = ['-shared', `-Wl,-Bsymbolic,--dynamic-list=${INCLUDE_AT}/isolated/elsewhere.list`]

/** Variables that nobody has set hold another pattern than in the plain pass (g++ 12). */
const PATTERN = '-ftrivial-auto-var-init=pattern'

/** The loader shows its names to what it loads. */
const LOADER_FLAGS = ['-O1', '-fPIE', '-pie', '-rdynamic', '-pthread']

/** How units of the isolated pass are built, and the program that loads them. */
export function isolatedBuild(executor: CpuExecutor, plain: readonly string[]): BuildSettings {
  return {
    prelude: `isolated/${executor}.h`,
    flags: [...plain, '-fPIC'],
    link: LINK_FLAGS,
    wanted: [PATTERN],
    secret: true,
    loader: { file: `load-${executor}`, source: `isolated/loader/${executor}.cpp`, flags: [...plain, ...LOADER_FLAGS] },
  }
}
