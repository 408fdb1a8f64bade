import type { JailStep } from '../../jail/jail.ts'
import { INCLUDE_AT } from '../../toolchain/compile-step.ts'
import type { Nvcc } from '../../toolchain/nvcc/find.ts'
import { NVCC_FLAGS } from '../../toolchain/nvcc/step.ts'

/** What some distributions switch on, off: programs print the same everywhere. -fPIC: the unit is a shared object. */
export const HOST_FLAGS = ['-fPIC', '-fno-stack-protector', '-fno-stack-clash-protection', '-U_FORTIFY_SOURCE'] as const

/** The unit's names are its own, all but the runtime's. */
export const LINK_FLAGS = ['-shared', `-Wl,-Bsymbolic,--dynamic-list=${INCLUDE_AT}/gpu/elsewhere.list`] as const

/** Machine code for that architecture and no other. */
export function codeFor(arch: string): string[] {
  return ['-gencode', `arch=${arch.replace(/^sm_/, 'compute_')},code=${arch}`]
}

/** nvcc's arguments but for the files: the reference's, for this architecture. */
export function nvccArguments(arch: string, compiler: string): string[] {
  return [...NVCC_FLAGS, ...codeFor(arch), '-ccbin', compiler]
}

/**
 * nvcc tells by a file's name what is in it. What it says to standard output must not come before the product; the first
 * argument is the linker's driver, the second how many of its arguments follow.
 */
const SCRIPT = [
  'cat > /tmp/program.cu',
  'nvcc=$1; compiler=$2; shift 2',
  '"$nvcc" -c "$@" -o /tmp/unit.o /tmp/program.cu >&2 || exit 1',
  `"$compiler" ${LINK_FLAGS.join(' ')} /tmp/unit.o -o /tmp/product >&2 || exit 1`,
  'exec cat /tmp/product',
].join('\n')

/** The command that makes a unit's text, from standard input, a shared object by nvcc's own host pass. */
export function ownCommand(nvcc: Nvcc, compiler: string, arch: string): JailStep['argv'] {
  const args = [...nvccArguments(arch, compiler), '-Xcompiler', HOST_FLAGS.join(',')]
  return ['/bin/sh', '-c', SCRIPT, 'sh', nvcc.path, compiler, ...args]
}
