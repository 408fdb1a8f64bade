/**
 * Time limits of tests, milliseconds, on a machine whose processor is emulated that many times slower (see test/vm). They
 * end what hangs; none of them is a pass mark.
 */
export function patience(ms: number): number {
  return ms * Number(process.env.KERNELSWARM_TEST_SLOWNESS ?? 1)
}
