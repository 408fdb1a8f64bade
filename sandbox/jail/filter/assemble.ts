import { callNumber, lastNumber, type Processor } from './calls.ts'
import { ALLOWED, type Condition, ERRORS, type FilterName, REFUSED } from './policy.ts'

/** One instruction of the classic packet filter: code, jump if true, jump if false, operand. */
type Instruction = readonly [code: number, jt: number, jf: number, k: number]

const LOAD = 0x20
const AND = 0x54
const EQUAL = 0x15
const AT_LEAST = 0x35
const ABOVE = 0x25
const RETURN = 0x06

/** What the filter answers. */
export const ANSWER = { allow: 0x7fff0000, kill: 0x80000000, error: 0x00050000, signal: 0x00030000 } as const

/** Where a filter finds what it looks at (struct seccomp_data). */
export const OFFSET = { number: 0, processor: 4, args: 16 } as const

/** AUDIT_ARCH_*: which table of calls a call is meant for. One process may use several. */
export const AUDIT: Readonly<Record<Processor, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 }
/** Calls of x32 come under the name of x86-64, with this bit. */
const X32 = 0x40000000

const INSTRUCTION_BYTES = 8

/**
 * The filter of one kind of jail as the kernel takes it, little-endian.
 *
 * 1. Meant for another table of calls (32 bits, x32): killed. Nothing honest does that, and numbers mean other calls there.
 * 2. Newer than our table: ENOSYS.
 * 3. In a row of the policy: as it says.
 * 4. Else EPERM; or a signal, to the filter of a probe that names what was refused.
 */
export function assembleFilter(name: FilterName, processor: Processor, refusal: 'error' | 'signal' = 'error'): Uint8Array {
  const refused = refusal === 'signal' ? ANSWER.signal : ANSWER.error | ERRORS.EPERM
  const program: Instruction[] = [
    [LOAD, 0, 0, OFFSET.processor],
    [EQUAL, 1, 0, AUDIT[processor]],
    [RETURN, 0, 0, ANSWER.kill],
    [LOAD, 0, 0, OFFSET.number],
    [AT_LEAST, 0, 1, X32],
    [RETURN, 0, 0, ANSWER.kill],
    [ABOVE, 0, 1, lastNumber(processor)],
    [RETURN, 0, 0, ANSWER.error | ERRORS.ENOSYS],
    ...plainRanges(name, processor).flatMap(([from, to]) => rangeCode(from, to)),
    ...conditions(name, processor).flatMap(([number, when]) => conditionCode(number, when, refused)),
    ...otherErrors(processor).flatMap(([number, error]) => [
      [EQUAL, 0, 1, number] as const,
      [RETURN, 0, 0, ANSWER.error | error] as const,
    ]),
    [RETURN, 0, 0, refused],
  ]
  return encode(program)
}

function rowsOf(name: FilterName) {
  return ALLOWED.filter((row) => row.only === undefined || row.only.includes(name))
}

function numbersOf(calls: readonly string[], processor: Processor): number[] {
  return calls.flatMap((call) => callNumber(call, processor) ?? [])
}

/** Calls allowed whatever their arguments, neighbours together. */
function plainRanges(name: FilterName, processor: Processor): [from: number, to: number][] {
  const rows = rowsOf(name).filter((row) => row.when === undefined)
  const numbers = rows.flatMap((row) => numbersOf(row.calls, processor)).sort((a, b) => a - b)
  const ranges: [number, number][] = []
  for (const number of numbers) {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] >= number - 1) last[1] = number
    else ranges.push([number, number])
  }
  return ranges
}

function rangeCode(from: number, to: number): Instruction[] {
  const allow: Instruction = [RETURN, 0, 0, ANSWER.allow]
  return from === to ? [[EQUAL, 0, 1, from], allow] : [[AT_LEAST, 0, 2, from], [ABOVE, 1, 0, to], allow]
}

function conditions(name: FilterName, processor: Processor): [number: number, when: Condition][] {
  return rowsOf(name).flatMap(({ calls, when }) =>
    when === undefined ? [] : numbersOf(calls, processor).map((number): [number, Condition] => [number, when]),
  )
}

/** The number is gone from the accumulator once an argument is loaded, so every way through this ends in an answer. */
function conditionCode(number: number, when: Condition, refused: number): Instruction[] {
  const load: Instruction = [LOAD, 0, 0, OFFSET.args + 8 * when.arg]
  const body: Instruction[] = [load, ...testCode(when), [RETURN, 0, 0, refused], [RETURN, 0, 0, ANSWER.allow]]
  return [[EQUAL, 0, body.length, number], ...body]
}

/** Falls through to the refusal behind it, or jumps over that. */
function testCode(when: Condition): Instruction[] {
  if ('masked' in when) return anyCode(when)
  if ('oneOf' in when) return when.oneOf.map((value, index) => [EQUAL, when.oneOf.length - index, 0, value])
  const [bits, jumps] = 'without' in when ? [when.without, [1, 0, 0] as const] : [when.notAll, [0, 1, when.notAll] as const]
  return [
    [AND, 0, 0, bits],
    [EQUAL, ...jumps],
  ]
}

/** As above, for three tests of which one must hold. */
function anyCode({ oneOf, below, masked }: Extract<Condition, { masked: unknown }>): Instruction[] {
  const { mask, value } = masked
  return [
    ...oneOf.map((one, index): Instruction => [EQUAL, oneOf.length - index + 3, 0, one]),
    [AT_LEAST, 0, 3, below],
    [AND, 0, 0, mask],
    [EQUAL, 1, 0, value],
  ]
}

/** EPERM is what everything gets that no row names. */
function otherErrors(processor: Processor): [number: number, error: number][] {
  return REFUSED.filter(({ error }) => error !== 'EPERM').flatMap(({ calls, error }) =>
    numbersOf(calls, processor).map((number): [number, number] => [number, ERRORS[error]]),
  )
}

function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = Buffer.alloc(program.length * INSTRUCTION_BYTES)
  for (const [index, [code, jt, jf, k]] of program.entries()) {
    const at = index * INSTRUCTION_BYTES
    bytes.writeUInt16LE(code, at)
    bytes.writeUInt8(jt, at + 2)
    bytes.writeUInt8(jf, at + 3)
    bytes.writeUInt32LE(k >>> 0, at + 4)
  }
  return bytes
}
