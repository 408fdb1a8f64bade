import type { RejectCode } from '../../protocol/index.ts'
import type { VerdictRecord } from '../state/events.ts'
import { type Question, Rejected } from './check.ts'

/** A question whose bytes lie one after the other in those of its batch: the envelope, then the outputs. */
type Packed = Omit<Question, 'envelope' | 'outputs'> & {
  envelopeBytes: number
  /** Test, and how many bytes it printed. */
  outputBytes: [number, number][]
}

/** Questions for another thread. Their bytes go as one, which is handed over: a view would take all it is a view of with it. */
export interface Batch {
  questions: Packed[]
  bytes: ArrayBuffer
}

/** What came of a question: the record, why there is none, or what went wrong with whoever looked. */
export type Answer = { record: VerdictRecord } | { code: RejectCode; detail: string } | { fault: string }

/** In the order of the questions. The first of a thread has none: it says that it is there. */
export interface Reply {
  answers: Answer[]
}

export function batchOf(questions: readonly Question[]): Batch {
  const parts = questions.flatMap(({ envelope, outputs }) => [envelope, ...outputs.values()])
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.byteLength
  }
  const packed = questions.map(({ envelope, outputs, ...about }) => {
    const outputBytes = [...outputs].map(([test, { byteLength }]): [number, number] => [test, byteLength])
    return { ...about, envelopeBytes: envelope.byteLength, outputBytes }
  })
  return { questions: packed, bytes: bytes.buffer }
}

export function questionsIn({ questions, bytes }: Batch): Question[] {
  let at = 0
  const next = (length: number) => {
    at += length
    return new Uint8Array(bytes, at - length, length)
  }
  return questions.map(({ envelopeBytes, outputBytes, ...about }) => {
    const envelope = next(envelopeBytes)
    return { ...about, envelope, outputs: new Map(outputBytes.map(([test, length]) => [test, next(length)])) }
  })
}

export async function answerTo(reading: Promise<VerdictRecord>): Promise<Answer> {
  try {
    return { record: await reading }
  } catch (error) {
    if (error instanceof Rejected) return { code: error.code, detail: error.message }
    return { fault: (error as Error).stack ?? String(error) }
  }
}

/** @throws Rejected, and Error where whoever looked was at fault */
export function recordIn(answer: Answer): VerdictRecord {
  if ('record' in answer) return answer.record
  if ('code' in answer) throw new Rejected(answer.code, answer.detail)
  throw new Error(answer.fault)
}
