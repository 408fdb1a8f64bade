import { z } from 'zod'
import { decodeCanonical, encodeCanonical } from './canonical.ts'
import { ProtocolError } from './errors.ts'
import { MAX_OUTPUT_BYTES } from './limits.ts'

const bytes = z
  .custom<Uint8Array>((value) => value instanceof Uint8Array)
  .refine(({ byteLength }) => byteLength <= MAX_OUTPUT_BYTES, 'too long')

/**
 * The output of a test in the isolated pass, as canonical DAG-CBOR.
 *
 * `values` is the harness's own record of what `wrapper` saw after each call: ASCII, a line each, in order.
 *
 *     values = *( "call" LF ( "return " ( "void" / value ) LF *( "arg " value LF ) / "thrown " hex LF ) )
 *     value  = type *( "[" count "]" ) *( " " element ) / "pointer" / "other " hex
 *     type   = "int" / "char" / "float" / "double" / "extended"
 *
 * An array has its elements in order, rows one after the other. `int` is any integer or bool, in decimal; `char` the code
 * of one character; the others are decimal numbers that give the same bits when read again, `inf`, `-inf` or `nan`. `hex` is
 * what the value, or the exception, prints as.
 */
export const IsolatedReport = z.strictObject({
  v: z.literal(1),
  /** Standard output, as in the plain pass. */
  printed: bytes,
  values: bytes,
  /** Kernels that ran to their end. */
  launches: z.int().nonnegative(),
  /** Name of the CUDA error that was pending at the end and that nobody had read, or null. */
  error: z.string().max(64).nullable(),
})
export type IsolatedReport = z.infer<typeof IsolatedReport>

export function encodeReport(report: IsolatedReport): Uint8Array {
  return encodeCanonical(report)
}

/** @throws ProtocolError `schema` where the bytes are no report in canonical form */
export function decodeReport(bytes: Uint8Array): IsolatedReport {
  const result = IsolatedReport.safeParse(decodeCanonical(bytes))
  if (result.success) return result.data
  throw new ProtocolError('schema', `no report of an isolated run: ${result.error.issues[0]?.message}`)
}
