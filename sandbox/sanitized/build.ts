/**
 * What is looked for. The list says what C++ leaves undefined and what tells programs apart in practice:
 * - `undefined`: overflow of signed numbers, shifts by too much, division by zero, indices past an array whose size is known,
 *   null, misaligned and too small objects, functions that end without a value, values no bool or enum has.
 * - `float-cast-overflow`: a number too large for the integer it becomes; processors and GPUs make different ones of it.
 * - not `shift-base`: bits shifted out of a negative number or into the sign; every compiler does the same, C++20 says so.
 * - not the two about arguments that must not be null: null with a size of 0 harms nobody, and anything else is a bad address.
 * - not division by zero of floating-point numbers: IEEE says what it is.
 *
 * Kernels are held to the same: CUDA C++ leaves undefined what C++ does, and nvcc's optimiser counts on it.
 */
const SANITIZERS = [
  '-fsanitize=address,undefined,float-cast-overflow',
  '-fno-sanitize=shift-base,nonnull-attribute,returns-nonnull-attribute',
  '-fno-sanitize-recover=all',
  '-fno-omit-frame-pointer',
  // Lines of the program, and no more. Of version 4, because assemblers lose names of `#line` in version 5.
  '-g1',
  '-gdwarf-4',
  // Addresses in a report are then those in the program, wherever it lies.
  '-no-pie',
  '-pthread',
]

/** A vector's room beyond its size is not its own. */
const VECTORS = '-D_GLIBCXX_SANITIZE_VECTOR'

/**
 * The plain flags of an executor, without what makes defined on what the program may not count. Where those optimise, this does
 * so less: a fifth of the compile is saved, kernels take 2.5 times their plain time instead of twice, and fewer accesses are
 * optimised away before they are checked.
 */
export function sanitizedFlags(plain: readonly string[]): string[] {
  const flags = plain.filter((flag) => flag !== '-fwrapv').flatMap((flag) => (flag === '-O1' ? LESS : [flag]))
  return [...flags, ...SANITIZERS, VECTORS]
}

const LESS = ['-Og', '-fno-var-tracking']
