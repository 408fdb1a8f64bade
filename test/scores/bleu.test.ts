import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { addMatches, bleu, MAX_TOKENS, type Matches, matchesOf, tokensOf } from '../../coordinator/results/scores/bleu.ts'

const matches = (translation: string, reference: string) => matchesOf(translation, reference) as Matches
const plain = { smooth: false }

describe('tokens of code', () => {
  for (const [code, tokens] of [
    ['a[i]+=b_2*0.5f;', ['a', '[', 'i', ']', '+', '=', 'b_2', '*', '0', '.', '5f', ';']],
    [' \n\t', []],
    ['k<<<1, 32>>>(d);', ['k', '<', '<', '<', '1', ',', '32', '>', '>', '>', '(', 'd', ')', ';']],
    ['größe = "→"', ['größe', '=', '"', '→', '"']],
  ] as const) {
    it(JSON.stringify(code), () => assert.deepEqual([...tokensOf(code)], tokens))
  }
})

describe('BLEU', () => {
  it('counts a word no more often than the reference has it', () => {
    // The example of Papineni et al.: modified unigram precision 2/7.
    const { matched, possible } = matches('the the the the the the the', 'the cat is on the mat')
    assert.deepEqual([matched[0], possible[0]], [2, 7])
  })

  it('is 1 of the same tokens, 0 of none in common, and less for shorter ones', () => {
    const code = 'int i = blockIdx.x * blockDim.x + threadIdx.x;'
    assert.equal(bleu(matches(code, code.replaceAll(' ', '\n')), plain), 1)
    assert.equal(bleu(matches('a b c d e', 'f g h i j'), plain), 0)
    assert.equal(bleu(matches('', code), plain), 0)
    // All of its n-grams are in the reference; only the brevity penalty, exp(1 - 8/4), is left.
    assert.ok(Math.abs(bleu(matches('a b c d', 'a b c d e f g h'), plain) - Math.exp(-1)) < 1e-12)
  })

  it('smooths only where it is asked to, from bigrams on', () => {
    const short = matches('a b c', 'a b d')
    assert.equal(bleu(short, plain), 0)
    assert.ok(Math.abs(bleu(short, { smooth: true }) - ((2 / 3) * (2 / 3) * (1 / 2) * (1 / 1)) ** 0.25) < 1e-12)
  })

  it('of a corpus adds counts up, not scores', () => {
    const [one, two] = [matches('a b c d e', 'a b c d f'), matches('x y', 'x y z')]
    const all = addMatches(one, two)
    assert.deepEqual(all, { matched: [6, 4, 2, 1], possible: [7, 5, 3, 2], candidate: 7, reference: 8 })
    const precisions = (6 / 7) * (4 / 5) * (2 / 3) * (1 / 2)
    assert.ok(Math.abs(bleu(all, plain) - Math.exp(1 - 8 / 7) * precisions ** 0.25) < 1e-12)
  })

  it('equals what is found by crossing n-grams out one by one', () => {
    const text = fc.array(fc.constantFrom('a', 'b', '+', ';'), { maxLength: 12 }).map((tokens) => tokens.join(' '))
    fc.assert(
      fc.property(text, text, (translation, reference) => {
        assert.deepEqual(
          matches(translation, reference).matched,
          [1, 2, 3, 4].map((n) => crossedOut(translation, reference, n)),
        )
      }),
    )
  })

  it('has no score for a text that is too long', () => {
    const long = 'x '.repeat(MAX_TOKENS)
    assert.notEqual(matchesOf('x', long), null)
    assert.equal(matchesOf('x', `${long} x`), null)
  })
})

function crossedOut(translation: string, reference: string, n: number): number {
  const grams = (text: string) => {
    const tokens = [...tokensOf(text)]
    return tokens
      .map((_, at) => tokens.slice(at, at + n))
      .filter((gram) => gram.length === n)
      .map(String)
  }
  const left = grams(reference)
  let matched = 0
  for (const gram of grams(translation)) {
    const at = left.indexOf(gram)
    if (at < 0) continue
    left.splice(at, 1)
    matched++
  }
  return matched
}
