import { round6 } from '../confidence.ts'
import type { Content } from '../content.ts'
import { type Item, translationOf } from '../snapshot.ts'
import { addMatches, bleu, type Matches, matchesOf } from './bleu.ts'

/** A translation against its reference. `score` is null where one of the two is too long. */
export interface BleuOf {
  line: number
  score: number | null
}

/** BLEU over the translations that have a reference. */
export interface BleuScore {
  translations: number
  /** Of them all as one corpus, unsmoothed; null where there is nothing to go by. */
  corpus: number | null
  /** The mean of the smoothed scores of each. */
  mean: number | null
  /** Left out: too long. */
  tooLong: number
}

/** Compares a translation's code, on the CUDA side its kernels, with the reference; null where it has none. */
export async function matchesWithReference(item: Item, content: Content): Promise<Matches | null | 'too long'> {
  const { reference, programs } = item.entry
  if (reference === undefined) return null
  const { code } = await content.program(programs[translationOf(item)])
  return matchesOf(code, Buffer.from(await content.bytes(reference)).toString()) ?? 'too long'
}

/** Adds up what is known of each translation, one after the other. */
export class BleuTally {
  #all: Matches | null = null
  #sum = 0
  #scored = 0
  #tooLong = 0

  /** Counts one translation. */
  add(line: number, matches: Matches | 'too long'): BleuOf {
    if (matches === 'too long') {
      this.#tooLong++
      return { line, score: null }
    }
    const score = bleu(matches, { smooth: true })
    this.#all = this.#all === null ? matches : addMatches(this.#all, matches)
    this.#sum += score
    this.#scored++
    return { line, score: round6(score) }
  }

  /** What it comes to; null where no translation had a reference. */
  get score(): BleuScore | null {
    if (this.#scored + this.#tooLong === 0) return null
    return {
      translations: this.#scored,
      corpus: this.#all === null ? null : round6(bleu(this.#all, { smooth: false })),
      mean: this.#scored === 0 ? null : round6(this.#sum / this.#scored),
      tooLong: this.#tooLong,
    }
  }
}
