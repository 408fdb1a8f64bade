/** What the loader says of one run that came to its end: see sandbox/harness/isolated/loader/report.h. */
export interface Frame {
  values: Buffer
  /** Lines of the test on which wrapper was called. */
  called: number[]
  changes: Change[]
  launches: number
  /** Whether bytes of a kernel's making have come to the host. */
  reached: boolean
  /** Whether it has work that the host must wait for by itself: streams, or memory that host and device share. */
  waits: boolean
  /** Name of the CUDA error nobody has read. */
  error: string | null
  /** What only a GPU's loader says. */
  gpu: GpuFrame | null
}

/** What a run was on its GPU. */
export interface GpuFrame {
  /** Of its kernels that ended, by the GPU's clock. */
  kernelUs: number
  /** The most device memory that it had allocated. */
  peakBytes: number
  /** Bytes in free device memory that a former run had left. */
  leftBytes: number
  /** The context was lost by an error. */
  lost: boolean
  /** Bytes behind allocations that were written. */
  outsideBytes: number
}

/** An argument array that a call changed. Call and argument from 1. */
export interface Change {
  call: number
  argument: number
  changed: number
  /** Elements that no copy from a kernel's memory explains, and the first of their indices. */
  unexplained: number
  indices: number[]
}

export type Said =
  | { kind: 'frame'; frame: Frame }
  | { kind: 'unlinked'; reason: string }
  | { kind: 'unsupported'; reason: string }
  | { kind: 'nothing' }

const COUNT = /^\d{1,15}$/
const ERROR_NAME = /^\w{1,64}$/

/**
 * Reads what came by the report's descriptor. Only what begins and ends with the nonce counts, and only once: the program may
 * write there too, if it finds the descriptor. That it cannot be run anybody may say.
 */
export function readReport(bytes: Buffer, nonce: string): Said {
  const begin = bytes.indexOf(`${nonce} `)
  if (begin < 0) {
    const reason = /^unsupported (.*)/m.exec(bytes.toString('latin1'))?.[1]
    return reason === undefined ? { kind: 'nothing' } : { kind: 'unsupported', reason: reason.slice(0, 500) }
  }
  const first = bytes.subarray(begin, endOfLine(bytes, begin)).toString('utf8')
  const unlinked = /^\S+ unlinked (.*)/.exec(first)?.[1]
  if (unlinked !== undefined) return { kind: 'unlinked', reason: unlinked }
  const frame = first === `${nonce} report` ? readFrame(bytes.subarray(begin + first.length + 1), nonce) : null
  return frame === null ? { kind: 'nothing' } : { kind: 'frame', frame }
}

function endOfLine(bytes: Buffer, from: number): number {
  const end = bytes.indexOf('\n', from)
  return end < 0 ? bytes.length : end
}

function readFrame(bytes: Buffer, nonce: string): Frame | null {
  const frame: Frame = {
    values: Buffer.alloc(0),
    called: [],
    changes: [],
    launches: 0,
    reached: false,
    waits: false,
    error: null,
    gpu: null,
  }
  for (let at = 0; at < bytes.length; ) {
    const end = endOfLine(bytes, at)
    const [key, ...words] = bytes.toString('latin1', at, end).split(' ')
    at = end + 1
    if (key !== 'values') {
      if (!take(frame, key ?? '', words)) return null
      continue
    }
    const length = Number(words[0])
    frame.values = bytes.subarray(at, at + length)
    return bytes.toString('latin1', at + length) === `${nonce} end\n` ? frame : null
  }
  return null
}

function take(frame: Frame, key: string, words: readonly string[]): boolean {
  const [word = ''] = words
  switch (key) {
    case 'called':
      frame.called.push(Number(word))
      return COUNT.test(word)
    case 'launches':
      frame.launches = Number(word)
      return COUNT.test(word)
    case 'reached':
      frame.reached = word === '1'
      return word === '0' || word === '1'
    case 'waits':
      frame.waits = word === '1'
      return word === '0' || word === '1'
    case 'gpu': {
      const [kernelUs = 0, peakBytes = 0, leftBytes = 0, lost = 0, outsideBytes = 0] = words.map(Number)
      frame.gpu = { kernelUs, peakBytes, leftBytes, lost: lost === 1, outsideBytes }
      return words.length === 5 && words.every((number) => COUNT.test(number))
    }
    case 'error':
      frame.error = word
      return ERROR_NAME.test(word)
    case 'change': {
      const [call = 0, argument = 0, changed = 0, unexplained = 0] = words.slice(0, 4).map(Number)
      const indices = (words[4] ?? '').split(',').filter((index) => index !== '')
      frame.changes.push({ call, argument, changed, unexplained, indices: indices.map(Number) })
      return words.length === 5 && [...words.slice(0, 4), ...indices].every((number) => COUNT.test(number))
    }
    default:
      return false
  }
}
