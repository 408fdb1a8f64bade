/**
 * What a sanitizer wrote about one error, as far as we use it. The text comes from the program's own standard error: whoever
 * forges one says something bad about his own program, and nothing else.
 */
export interface Report {
  /** Where the compiler had put the check, if it was one of its own: file and line as `#line` says. */
  place: { file: string; line: number } | null
  /** Addresses of the calls, innermost first, in the program's own numbers. */
  calls: bigint[]
  /** One sentence. */
  what: string
  /** Whether it is an end by a limit of the sanitizer's, not an error of the program. */
  limit: boolean
}

const MOST_CALLS = 64
/** What was done stands below the header, now and then after a word of another thread's. */
const ACCESS_LINES = 6
const LONGEST_LINE = 2000
/** Device memory in the sanitized pass (see arena.h): a quarter of a terabyte around it is nobody else's. */
const DEVICE_MEMORY = /^0x3010[0-9a-f]{8}$/

/** Null where nothing looks like a report. */
export function parseReport(stderr: Buffer): Report | null {
  const lines = stderr
    .toString('latin1')
    .split('\n')
    .map((line) => line.slice(0, LONGEST_LINE))
  const at = lines.findIndex((line) => HEADER.test(line))
  if (at < 0) return null
  const header = lines[at] as string
  const { described, limit = false } = describe(header, lines, at)
  return { place: placeOf(header), calls: callsAfter(lines, at), what: described, limit }
}

const HEADER = /^==\d+==ERROR: (?:AddressSanitizer|KernelSwarm): |^.*:\d+:\d+: runtime error: /
const PLACE = /^(.*):(\d+):\d+: runtime error: /

function placeOf(header: string): Report['place'] {
  const [, file, line] = PLACE.exec(header) ?? []
  return file === undefined ? null : { file, line: Number(line) }
}

/** The first stack after the header. */
function callsAfter(lines: readonly string[], from: number): bigint[] {
  const calls: bigint[] = []
  for (const line of lines.slice(from + 1)) {
    const address = /^ {4}#\d+ (0x[0-9a-f]{1,16})\b/.exec(line)?.[1]
    if (address !== undefined) calls.push(BigInt(address))
    else if (calls.length > 0) break
    if (calls.length === MOST_CALLS) break
  }
  return calls
}

interface Described {
  described: string
  limit?: boolean
}

function describe(header: string, lines: readonly string[], at: number): Described {
  const undefinedBehaviour = /: runtime error: (.*)$/.exec(header)?.[1]
  if (undefinedBehaviour !== undefined) return { described: ofCheck(undefinedBehaviour) }
  const range = /KernelSwarm: device-range of (\d+) bytes, (\d+) there/.exec(header)
  if (range !== null) return { described: ofRange(Number(range[1]), Number(range[2])) }
  return ofMemory(header.replace(/^.*AddressSanitizer: (?:attempting )?/, ''), lines, at)
}

function ofRange(bytes: number, room: number): string {
  const what = `the host copies or fills ${bytes} bytes of device memory`
  return room === 0 ? `${what} that is not allocated` : `${what} where ${room} are allocated`
}

/** Ends that are limits: of the stack, of the allocator. */
const LIMITS = /^(?:stack-overflow|out-of-memory|allocation-size-too-big|requested allocation size|calloc-overflow|rss-limit)/

const SIGNALS: Readonly<Record<string, string>> = { SEGV: 'a bad address', BUS: 'a bad address', FPE: 'a division that traps' }

function ofMemory(said: string, lines: readonly string[], at: number): Described {
  if (LIMITS.test(said)) return { described: 'a limit of the sanitizer', limit: true }
  const kind = /^[A-Za-z-]+/.exec(said)?.[0] ?? 'an error of memory'
  const near = lines.slice(Math.max(0, at - 4), at + 80)
  if (SIGNALS[kind] !== undefined) return { described: ofSignal(kind, said, near) }
  const access = lines
    .slice(at + 1, at + ACCESS_LINES)
    .map((line) => /^(READ|WRITE) of size (\d{1,12})\b/.exec(line))
    .find((found) => found !== null)
  const did = access === undefined ? '' : ` ${access[1] === 'READ' ? 'read' : 'write'} of ${access[2]} bytes`
  const where = objectOf(near)
  const name = where?.kind ?? MEMORY_KINDS[kind] ?? plain(kind).replaceAll('-', ' ')
  return { described: `${name}:${did || ' found'}${where === null ? '' : `, ${where.says}`}` }
}

const MEMORY_KINDS: Readonly<Record<string, string>> = {
  'heap-buffer-overflow': 'outside of a block of the heap',
  'stack-buffer-overflow': 'outside of a local array',
  'stack-buffer-underflow': 'outside of a local array',
  'dynamic-stack-buffer-overflow': 'outside of a local array',
  'global-buffer-overflow': 'outside of a global array',
  'container-overflow': 'outside of a vector',
  'heap-use-after-free': 'after it was freed',
  'stack-use-after-scope': 'after its block has ended',
  'stack-use-after-return': 'after its function has returned',
  'use-after-poison': 'outside of what was allocated',
  'double-free': 'freed twice',
  free: 'freed what was not allocated',
  'alloc-dealloc-mismatch': 'freed by another kind of call than it was allocated by',
  'new-delete-type-mismatch': 'deleted as another type than it was made as',
  'memcpy-param-overlap': 'a copy between places that overlap',
  'strcpy-param-overlap': 'a copy between places that overlap',
  'strcat-param-overlap': 'a copy between places that overlap',
  'negative-size-param': 'a negative size',
  'unknown-crash': 'outside of what was allocated',
}

function ofSignal(kind: string, said: string, near: readonly string[]): string {
  const access = near.map((line) => /caused by a (READ|WRITE) memory access/.exec(line)?.[1]).find((word) => word !== undefined)
  const did = access === undefined ? '' : access === 'READ' ? ': read' : ': write'
  const address = /address (0x[0-9a-f]{1,16})/.exec(said)?.[1]?.replace(/^0x0+(?=.)/, '0x') ?? ''
  if (DEVICE_MEMORY.test(address)) return `device memory used by its address where it may not be${did}`
  const low = address !== '' && BigInt(address) < 4096n
  return `${low ? 'a null pointer, or near it' : SIGNALS[kind]}${did}`
}

interface PlacedObject {
  kind?: string
  says: string
}

/** Where the bad address lies, by the first line that tells. */
function objectOf(near: readonly string[]): PlacedObject | null {
  for (const line of near) {
    for (const [pattern, says] of OBJECTS) {
      const found = pattern.exec(line)
      if (found !== null) return says(found.slice(1))
    }
  }
  return onStack(near)
}

const VARIABLE = /^ {4}\[(\d{1,12}), (\d{1,12})\) '/
const AT_OFFSET = /<== Memory access at offset (\d{1,12}) /

/**
 * The report lists the variables of a frame by their offsets and marks the one it thinks of. Of an access to many bytes it
 * marks the one after as often as the one before: here the nearest counts, and in doubt the one before.
 */
function onStack(near: readonly string[]): PlacedObject | null {
  const marked = near.map((line) => AT_OFFSET.exec(line)?.[1]).find((found) => found !== undefined)
  if (marked === undefined) return null
  const offset = Number(marked)
  const variables = near.flatMap((line) => {
    const [, from, to] = VARIABLE.exec(line) ?? []
    return from === undefined || to === undefined ? [] : [{ from: Number(from), to: Number(to) }]
  })
  const far = ({ from, to }: { from: number; to: number }) => (offset >= to ? offset - to : Math.max(0, from - offset))
  const [first] = variables.toSorted((a, b) => far(a) - far(b) || a.from - b.from)
  if (first === undefined) return null
  const size = `an array of ${first.to - first.from} bytes`
  if (offset >= first.to) return { says: `${offset - first.to} bytes past ${size}` }
  return offset < first.from
    ? { says: `${first.from - offset} bytes before ${size}` }
    : { says: `byte ${offset - first.from} of ${size}` }
}

const OBJECTS: readonly [RegExp, (found: string[]) => PlacedObject][] = [
  [
    /^KernelSwarm: (\d+) bytes (past|before) (device|dynamic shared) memory of (\d+) bytes$/,
    ([distance, side, memory, size]) => ({
      kind: `outside of ${memory} memory`,
      says: `${distance} bytes ${side} an array of ${size} bytes`,
    }),
  ],
  [
    /^KernelSwarm: freed device memory of (\d+) bytes$/,
    ([size]) => ({ kind: 'device memory after it was freed', says: `an array of ${size} bytes` }),
  ],
  [
    /is located (\d+) bytes (?:to the )?(right of|after|left of|before) (\d+)-byte region/,
    ([distance, side, size]) => ({ says: `${distance} bytes ${sideOf(side)} a block of ${size} bytes` }),
  ],
  [
    /is located (\d+) bytes inside of (\d+)-byte region/,
    ([offset, size]) => ({ says: `byte ${offset} of a block of ${size} bytes` }),
  ],
  [
    /is located (\d+) bytes (?:to the )?(right of|after|left of|before) global variable .* of size (\d+)$/,
    ([distance, side, size]) => ({ says: `${distance} bytes ${sideOf(side)} an array of ${size} bytes` }),
  ],
]

function sideOf(word = ''): string {
  return word === 'left of' || word === 'before' ? 'before' : 'past'
}

const NUMBER = '(-?[\\d.e+-]{1,40}|-?nan|-?inf)'
const TYPE = "'([^']{1,200})'"
const CHECKS: readonly [RegExp, (found: string[]) => string][] = [
  [
    new RegExp(`^signed integer overflow: ${NUMBER} ([-+*]) ${NUMBER} cannot be represented in type ${TYPE}`),
    ([a, operator, b, type]) => `signed overflow: ${a} ${operator} ${b} does not fit ${plain(type)}`,
  ],
  [
    new RegExp(`^negation of ${NUMBER} cannot be represented in type ${TYPE}`),
    ([a, type]) => `signed overflow: -(${a}) does not fit ${plain(type)}`,
  ],
  [
    new RegExp(`^division of ${NUMBER} by -1 cannot be represented in type ${TYPE}`),
    ([a, type]) => `signed overflow: ${a} / -1 does not fit ${plain(type)}`,
  ],
  [
    new RegExp(`^index ${NUMBER} out of bounds for type ${TYPE}`),
    ([index, type]) => `index ${index} out of bounds for type ${plain(type)}`,
  ],
  [/^division by zero/, () => 'division by zero'],
  [
    new RegExp(`^shift exponent ${NUMBER} is (?:too large|negative)(?: for (\\d+)-bit type)?`),
    ([by, bits]) => `shift by ${by}${bits === undefined ? '' : ` of a number of ${bits} bits`}`,
  ],
  [
    new RegExp(`^${NUMBER} is outside the range of representable values of type ${TYPE}`),
    ([value, type]) => `conversion: ${value} does not fit ${plain(type)}`,
  ],
  [
    new RegExp(`^load of value (\\d{1,20}), which is not a valid value for type ${TYPE}`),
    ([value, type]) => `the value ${value}, which no ${plain(type)} has`,
  ],
  [
    new RegExp(`^([a-z -]{1,60}?) (?:(?:within|on|to|of) )?null pointer of type ${TYPE}`),
    ([did, type]) => `null pointer: ${did} of ${plain(type)}`,
  ],
  [
    new RegExp(`^([a-z -]{1,60}) misaligned address 0x[0-9a-f]+ for type ${TYPE}, which requires (\\d+) byte alignment`),
    ([did, type, bytes]) => `misaligned: ${did} ${plain(type)}, which needs a multiple of ${bytes} bytes`,
  ],
  [
    new RegExp(`^([a-z -]{1,60}) address 0x[0-9a-f]+ with insufficient space for an object of type ${TYPE}`),
    ([did, type]) => `too little room: ${did} ${plain(type)}`,
  ],
  [
    new RegExp(`^([a-z -]{1,60}) address 0x[0-9a-f]+ which does not point to an object of type ${TYPE}`),
    ([did, type]) => `not such an object: ${did} ${plain(type)}`,
  ],
  [
    /^pointer index expression with base 0x[0-9a-f]+ overflowed|^(?:addition|subtraction) of unsigned offset/,
    () => 'a pointer past the end of all memory',
  ],
  [/^applying (?:non-)?zero offset .*null pointer/, () => 'arithmetic with a null pointer'],
  [/^execution reached the end of a value-returning function/, () => 'a function ended without the value it returns'],
  [/^execution reached an unreachable program point/, () => 'a place was reached that never is'],
  [/^variable length array bound evaluates to non-positive value (-?\d{1,20})/, ([size]) => `an array of ${size} elements`],
  [/^passing zero to (\w{1,40})\(\)/, ([name]) => `zero given to ${name}`],
]

function ofCheck(said: string): string {
  for (const [pattern, says] of CHECKS) {
    const found = pattern.exec(said)
    if (found !== null) return says(found.slice(1)).replace(/\s+/g, ' ')
  }
  return 'undefined behaviour'
}

/** A type's name as far as it is printable and short. */
function plain(text = ''): string {
  return text.replace(/[^ -~]/g, '?').slice(0, 80)
}
