import type { Program } from '../../protocol/index.ts'
import type { CpuExecutor } from './compose.ts'

/** What it means that a unit did not compile. */
export interface Explanation {
  status: 'compile_error' | 'unsupported'
  /** The first complaints, with the places in the program's own texts. */
  detail: string
}

/** Complaints quoted to people. */
const MOST_COMPLAINTS = 3
const LONGEST_COMPLAINT = 300

/** `file:line:column: error: text`, and what the linker says. */
const COMPLAINT = /^(?:.*: (?:fatal )?error: .*|.*undefined reference to .*|.*multiple definition of .*)$/gm

/** Ways in which g++ says that it does not know a name. The name is the first thing quoted. */
const UNKNOWN_NAME =
  /error: (?:expected [^']*?before )?'([^']+)' (?:was not declared|has not been declared|does not name a type|is not a (?:member|type|class)|is not a namespace|was not declared in this scope|undeclared)|error: '[^']*' has no member named '([^']+)'|error: '([^']+)' (?:in namespace|is not a template)/

/** What CUDA and its libraries call their things. */
const CUDA_NAME =
  /^(?:::)?(?:cuda[A-Z_]\w*|CUDA\w*|CUDART\w*|cu[A-Z]\w*|CU[A-Z]?[a-z_]\w*|CU_\w+|cu(?:blas|rand|fft|sparse|solver|dnn|tensor)\w*|CU(?:BLAS|RAND|FFT|SPARSE|SOLVER|DNN)\w*|nv[a-z]+\w*|NV[A-Z]\w*|thrust\b.*|cub\b.*|cg\b.*|cooperative_groups\b.*|wmma\b.*|nvcuda\b.*|texture\b.*|surface\b.*|tex[12]D\w*|tex3D\w*|texCubemap\w*|surf[123]D\w*|half2?|__\w+|atomic\w+|barrier\b.*|pipeline\b.*|make_\w+|thread_group|multi_grid_group|cluster_group|this_(?:multi_grid|cluster)\w*|tiled_partition|memcpy_async|invoke_one\w*|(?:in|ex)clusive_scan|h(?:exp|log|sqrt|rsqrt|rcp|sin|cos|floor|ceil|rint|trunc)\w*)$/

const CUDA_HEADER =
  /^(?:cu[a-z_0-9]*|thrust|cub|cuda|mma|nv\w*|helper_\w+|cooperative_groups|curand\w*|cublas\w*|texture\w*|surface\w*|sm_\w+|crt|vector_\w+|device_\w+|math_\w+|libcu.*)(?:[./].*)?$/i

/** A failure inside our own headers is a combination that they do not foresee, never a fault of the program's that we know. */
const OWN_HEADER = /(?:^|\/)(?:emulator|harness|isolated|sanitized)\/\S+:\d+:\d+: (?:fatal )?error:/

/** Classes of CUDA's of which the emulator has less: a member or a conversion that is missing may be one of those. */
const CUDA_CLASS = /\bcooperative_groups::|\bcudaDeviceProp\b/

/** A launch whose kernel the rewriting took for one function, and which is a template or overloaded after all. */
const UNCERTAIN_LAUNCH = /no matching function for call to '(?:__ks::)?launch\(<unresolved/

/**
 * Reads what the compiler said. On the emulated side a failure because of something of CUDA's that the emulator has not is
 * `unsupported`, and in doubt it is that: the program may well compile for a GPU.
 */
export function explainFailure(_program: Program, executor: CpuExecutor, compilerOutput: string): Explanation {
  const complaints = complaintsOf(compilerOutput)
  const unknown = executor === 'emulated' ? complaints.find(beyondEmulator) : undefined
  if (unknown !== undefined) return { status: 'unsupported', detail: shorten(unknown) }
  const detail = complaints.slice(0, MOST_COMPLAINTS).map(shorten).join('\n')
  return { status: 'compile_error', detail: detail === '' ? shorten(compilerOutput.trim()) : detail }
}

function complaintsOf(output: string): string[] {
  return output.replace(/[‘’`]/g, "'").match(COMPLAINT) ?? []
}

/** Functions of the device are compiled for more of the processor than lambdas in a kernel. */
const INLINING = /inlining failed in call to '?always_inline/

/** What our headers assert of a program, as a GPU's compiler does. */
const ASSERTED = /static assertion failed: a kernel returns nothing/

function beyondEmulator(complaint: string): boolean {
  if (ASSERTED.test(complaint)) return false
  if ([OWN_HEADER, UNCERTAIN_LAUNCH, CUDA_CLASS, INLINING].some((sign) => sign.test(complaint))) return true
  const header = /fatal error: (\S+): No such file/.exec(complaint)?.[1]
  if (header !== undefined) return CUDA_HEADER.test(header)
  const found = UNKNOWN_NAME.exec(complaint)
  const name = found?.[1] ?? found?.[2] ?? found?.[3]
  return name !== undefined && CUDA_NAME.test(name)
}

function shorten(text: string): string {
  return text.length > LONGEST_COMPLAINT ? `${text.slice(0, LONGEST_COMPLAINT)}...` : text
}
