import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { REPEATS, settle, type Testimony } from '../../coordinator/rules/dispute.ts'

/** `a:x` said x; `a:xxxx` said it and repeated it three times; `!` behind: excused; `*`: its batch is checked here. */
function testimony(text: string): Testimony {
  const [operator = '', words = ''] = text.split(':')
  const [said = '', ...again] = words.replace(/[!*]/g, '')
  return { operator, said, again, excused: words.includes('!'), drawn: words.includes('*') }
}

const ROWS = [
  { id: 'all agree', lead: 3, said: ['a:x', 'b:x'], outcome: 'agreed' },
  { id: 'one alone', lead: 3, said: ['a:x'], outcome: 'agreed' },
  { id: 'both sides are asked again, and one more operator', lead: 3, said: ['a:x', 'b:y'], outcome: 'ask a3 b3 more' },
  { id: 'who has answered is not asked', lead: 3, said: ['a:xxxx', 'b:yy'], outcome: 'ask b2 more' },
  {
    id: 'one side leads but nobody of it has repeated',
    lead: 3,
    said: ['a:x', 'b:y', 'c:y', 'd:y', 'e:y'],
    outcome: 'ask a3 b3 c3',
  },
  {
    id: 'one side leads and repeats itself',
    lead: 3,
    said: ['a:xxxx', 'b:yyyy', 'c:yyyy', 'd:y', 'e:y'],
    outcome: 'against a steady',
  },
  {
    id: 'the lead asked for is not there',
    lead: 4,
    said: ['a:xxxx', 'b:yyyy', 'c:yyyy', 'd:y', 'e:y'],
    outcome: 'ask more',
  },
  { id: 'one who does not repeat himself is in the wrong', lead: 2, said: ['a:xyxz', 'b:yyyy', 'c:yyyy'], outcome: 'against a' },
  { id: 'two who do not: it is the program', lead: 3, said: ['a:xy', 'b:yx'], outcome: 'unstable' },
  {
    id: 'who does not answer is not waited for, nor called steady',
    lead: 1,
    said: ['a:x!', 'b:yyyy', 'c:yyyy'],
    outcome: 'against a',
  },
  { id: 'whose batch is checked answers for its side', lead: 3, said: ['a:x', 'b:x*', 'c:y'], outcome: 'ask a3 b3 c3 more' },
  { id: 'of a smaller side that one alone', lead: 9, said: ['a:x', 'b:x*', 'c:y', 'd:y', 'e:y'], outcome: 'ask b3 c3 d3 more' },
] as const

describe('a disagreement', () => {
  for (const { id, lead, said, outcome } of ROWS) it(id, () => assert.equal(told(said.map(testimony), lead), outcome))

  const word = fc.array(fc.constantFrom('x', 'y', 'z'), { minLength: 1, maxLength: 1 + REPEATS })
  const words = fc.array(word, { maxLength: 7 })

  it('ends alike in whatever order answers came', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 4 }), fc.nat(), (said, lead, turn) => {
        const all = said.map((one, n) => testimony(`o${n}:${one.join('')}`))
        const turned = all.map((_, n) => all[(n + turn) % all.length] as Testimony).reverse()
        assert.equal(told(turned, lead), told(all, lead))
      }),
      { seed: 21 },
    )
  })

  it('puts nobody in the wrong whom the lead does not stand against, and never the larger side', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 4 }), (said, lead) => {
        const all = said.map((one, n) => testimony(`o${n}:${one.join('')}`))
        const settled = settle(all, lead)
        if (settled.state !== 'against') return
        const wrong = new Set(settled.wrong.map(({ operator }) => operator))
        const right = all.filter(({ operator }) => !wrong.has(operator))
        const others = Map.groupBy(
          all.filter((one) => wrong.has(one.operator) && one.again.every((again) => again === one.said)),
          (one) => one.said,
        )
        assert.equal(new Set(right.map((one) => one.said)).size, 1)
        for (const side of [[], ...others.values()]) assert.ok(right.length - side.length >= lead)
      }),
      { seed: 22, numRuns: 2_000 },
    )
  })
})

function told(testimonies: readonly Testimony[], lead: number): string {
  const settled = settle(testimonies, lead)
  switch (settled.state) {
    case 'asking':
      return [
        'ask',
        ...[...settled.again].map(([who, times]) => `${who}${times}`).sort(),
        ...(settled.more ? ['more'] : []),
      ].join(' ')
    case 'against':
      return `against ${settled.wrong.map(({ operator, steady }) => `${operator}${steady ? ' steady' : ''}`).join(' ')}`
    default:
      return settled.state
  }
}
