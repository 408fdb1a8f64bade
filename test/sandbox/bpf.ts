import { OFFSET } from '../../sandbox/jail/filter/assemble.ts'

/** A system call as a filter sees it. */
export interface SeenCall {
  number: number
  audit: number
  args?: readonly (number | bigint)[]
}

/** What the kernel's verifier asks of a program, as far as ours could break it: jumps within it, an answer at the end. */
export function assertLoadable(code: Uint8Array): void {
  const count = code.length / 8
  const bytes = Buffer.from(code)
  if (!Number.isInteger(count) || count < 1 || count > 4096) throw new Error(`${count} instructions`)
  for (let at = 0; at < count; at++) {
    const isJump = (bytes.readUInt16LE(at * 8) & 7) === 5
    const farthest = at + 1 + Math.max(bytes.readUInt8(at * 8 + 2), bytes.readUInt8(at * 8 + 3))
    if (isJump && farthest >= count) throw new Error(`instruction ${at} jumps out`)
  }
  if (bytes.readUInt16LE((count - 1) * 8) !== 0x06) throw new Error('no answer at the end')
}

/** Runs a filter of system calls as the kernel would: 32-bit words, jumps forward only. */
export function answerOf(code: Uint8Array, { number, audit, args = [] }: SeenCall): number {
  const data = Buffer.alloc(64)
  data.writeUInt32LE(number >>> 0, OFFSET.number)
  data.writeUInt32LE(audit >>> 0, OFFSET.processor)
  for (const [index, value] of args.entries()) data.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), OFFSET.args + 8 * index)
  const bytes = Buffer.from(code)
  let accumulator = 0
  for (let at = 0; at * 8 < bytes.length; at++) {
    const [jt, jf, k] = [bytes.readUInt8(at * 8 + 2), bytes.readUInt8(at * 8 + 3), bytes.readUInt32LE(at * 8 + 4)]
    const operation = bytes.readUInt16LE(at * 8)
    if (operation === 0x06) return k
    if (operation === 0x20) accumulator = data.readUInt32LE(k)
    else if (operation === 0x54) accumulator = (accumulator & k) >>> 0
    else if (operation === 0x15) at += accumulator === k ? jt : jf
    else if (operation === 0x25) at += accumulator > k ? jt : jf
    else if (operation === 0x35) at += accumulator >= k ? jt : jf
    else throw new Error(`instruction ${at}: unknown operation ${operation}`)
  }
  throw new Error('ran off the end')
}
