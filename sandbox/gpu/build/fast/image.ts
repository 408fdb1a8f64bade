import { findElf, readElf } from './elf.ts'

/** Machine code as nvcc packs it, and what is in it. */
export interface Image {
  bytes: Buffer
  /** Mangled names. */
  kernels: string[]
  variables: Map<string, { bytes: number }>
}

/** The mark of a function that can be launched (STO_CUDA_ENTRY). */
const ENTRY = 0x10
/** Every kernel has a bank of constants of its own, with its arguments. */
const BANK = '.nv.constant0.'
/** What may be written into a text of ours. */
const PLAIN_NAME = /^[A-Za-z_][\w$]*$/

/** nvcc's `-fatbin` -> what the host's half must register, or why that cannot be told. */
export function readImage(bytes: Buffer): Image | string {
  const at = findElf(bytes)
  const elf = at < 0 ? null : readElf(bytes.subarray(at))
  if (elf === null) return 'machine code that is packed in another way'
  const kernels = elf.symbols.filter(({ kind, other }) => kind === 'function' && (other & ENTRY) !== 0).map(({ name }) => name)
  const banks = elf.sections.flatMap(({ name }) => (name.startsWith(BANK) ? [name.slice(BANK.length)] : []))
  if (kernels.toSorted().join() !== banks.toSorted().join()) return 'machine code that marks its kernels in another way'
  const odd = kernels.find((name) => !PLAIN_NAME.test(name))
  if (odd !== undefined) return 'a kernel with a name of other letters'
  const objects = elf.symbols.filter(({ kind, defined }) => kind === 'object' && defined)
  return { bytes, kernels, variables: new Map(objects.map(({ name, bytes: size }) => [name, { bytes: size }])) }
}
