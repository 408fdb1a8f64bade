import type { JailStep } from '../../../jail/jail.ts'
import type { Nvcc } from '../../../toolchain/nvcc/find.ts'
import { HOST_FLAGS, LINK_FLAGS, nvccArguments } from '../own.ts'

/** The text has the same name as in nvcc's own pass, since names that nvcc makes hold it. */
const DEVICE_SCRIPT = ['cat > /tmp/program.cu', '"$@" -o /tmp/image /tmp/program.cu >&2 || exit 1', 'exec cat /tmp/image'].join(
  '\n',
)

/** The command that makes a unit's text, from standard input, machine code as CUDA's runtime takes it. */
export function deviceCommand(nvcc: Nvcc, compiler: string, arch: string): JailStep['argv'] {
  return ['/bin/sh', '-c', DEVICE_SCRIPT, 'sh', nvcc.path, '-fatbin', ...nvccArguments(arch, compiler)]
}

/** g++'s arguments for headers and texts of host halves; a precompiled header is only taken by those it was made with. */
export function hostArguments(cudaHeaders: string): string[] {
  return ['-std=c++17', ...HOST_FLAGS, `-I${cudaHeaders}`]
}

const HOST_SCRIPT = '"$@" -o /tmp/product >&2 && exec cat /tmp/product'

/** The command that makes the host's half, from standard input, a shared object. */
export function hostCommand(compiler: string, cudaHeaders: string): JailStep['argv'] {
  return ['/bin/sh', '-c', HOST_SCRIPT, 'sh', compiler, ...hostArguments(cudaHeaders), '-x', 'c++', '-', ...LINK_FLAGS]
}
