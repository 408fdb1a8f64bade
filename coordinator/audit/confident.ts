import { centreOf, clustersOf, type Far, type Heap, heapOf, majorityOf } from './digits.ts'
import { firstOfEach, type Group, type Outputs, type Recount, type Said, type Saying } from './majority.ts'
import { type Outcome, outcomeOf } from './quarrel.ts'

/** A vote under a confidence policy, with what it was worth. */
export interface WeighedSaid extends Said {
  /** Checks that its batch had passed, or null. */
  checks: number | null
  newcomer: boolean
  /** By repeat, by test. */
  again: readonly (readonly Saying[])[]
  excused: boolean
  drawn: boolean
}

export interface ConfidentTerms {
  theta: number
  f: number
  replicas: number
}

/** A decided test, with the chance that it is right. */
export interface SureGroup extends Group {
  confidence: number
  /** Another class came to something else. */
  otherwise: boolean
}

export interface ConfidentRecount extends Recount<SureGroup> {
  /** Operators found in the wrong, by test. */
  wrong: ReadonlyMap<string, readonly number[]>
}

/** What the votes of one class come to on one test. */
interface Look {
  leader: SureGroup | null
  outcome: Outcome
  isDecided: boolean
  /** Further answers that would decide it. */
  lacks: number
}

/**
 * A ballot under a confidence policy, counted again as docs/archive.md says: by class and test, groups of those who say the
 * same; the one with the best chance decides, when that reaches theta and no quarrel is left.
 */
export function recountConfident(
  terms: ConfidentTerms,
  tests: number,
  votes: readonly WeighedSaid[],
  outputs: Outputs,
): ConfidentRecount {
  const voices = firstOfEach(votes)
  const kinds = kindsOf(voices)
  const table = Array.from({ length: tests }, (_, test) =>
    kinds.map((kind) =>
      look(
        terms,
        voices.filter((voice) => voice.class === kind),
        test,
        outputs,
      ),
    ),
  )
  const cells = table.map((looks) => decideAmong(looks, outputs.far))
  const main = table.flatMap(([first]) => (first === undefined ? [] : [first]))
  const wrong = wrongIn(main)
  if (main.length === 0) return { state: 'open', cells, wrong }
  const unstable = main.map(({ outcome }) => outcome.kind === 'unstable')
  const isAsking = main.some(({ outcome }) => outcome.kind === 'asking' && outcome.anybody)
  if (!isAsking && cells.every((cell, test) => cell !== null || unstable[test])) {
    return { state: unstable.includes(true) ? 'undecided' : 'decided', cells, wrong }
  }
  const lacks = Math.max(...main.map(({ lacks }) => lacks))
  return { state: lacks > 0 && voices.length + lacks > terms.replicas ? 'undecided' : 'open', cells, wrong }
}

/** The classes, the one with most votes first. */
function kindsOf(voices: readonly Said[]): string[] {
  const sizes = new Map<string, number>()
  for (const { class: kind } of voices) sizes.set(kind, (sizes.get(kind) ?? 0) + 1)
  return [...sizes.keys()].sort((a, b) => (sizes.get(b) as number) - (sizes.get(a) as number) || (a < b ? -1 : 1))
}

function look(terms: ConfidentTerms, voices: readonly WeighedSaid[], test: number, outputs: Outputs): Look {
  const names = new Names(voices, test, outputs.far)
  const outcome = outcomeOf(
    voices.map((voice) => {
      const { operator, excused, drawn, tests, again } = voice
      const said = tests[test] as Saying
      const repeats = again.map((one) => names.ofRepeat(one[test] as Saying, said))
      return { operator, excused, drawn, said: names.of(said), chain: names.chainOf(said), again: repeats }
    }),
    answersFor(terms, 1, 0),
  )
  const groups = groupsOf(voices, (voice) => {
    const said = voice.tests[test] as Saying
    return (outcome.kind === 'spread' ? names.chainOf(said) : null) ?? names.of(said)
  }).map(({ name, members }) => ({ name, members, weight: weightOf(terms, members) }))
  groups.sort((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1))
  const [first, ...rest] = groups
  if (first === undefined) return { leader: null, outcome, isDecided: false, lacks: answersFor(terms, 1, 0) }
  const others = rest.reduce((sum, one) => sum + one.weight, 0)
  const leader = leaderOf(terms, first, { others, test, outputs, isSpread: outcome.kind === 'spread' })
  const isUnquestioned =
    outcome.kind === 'agreed' ||
    outcome.kind === 'spread' ||
    (outcome.kind === 'against' && !first.members.some(({ operator }) => outcome.wrong.includes(operator)))
  const isDecided = leader.confidence >= terms.theta && isUnquestioned
  return { leader, outcome, isDecided, lacks: lacksOf(terms, isDecided, outcome, first.weight, others) }
}

/** Names of what was said to a test: the same name where it counts as the same. */
class Names {
  readonly #far: Far
  /** By kind. */
  readonly #clusters = new Map<string, { centre: string; members: Heap; chain: Heap | null }[]>()

  constructor(voices: readonly WeighedSaid[], test: number, far: Far) {
    this.#far = far
    const outputs = new Map<string, string[]>()
    for (const { tests } of voices) {
      const { kind, output } = tests[test] as Saying
      outputs.set(kind, [...(outputs.get(kind) ?? []), output])
    }
    for (const [kind, said] of outputs) this.#clusters.set(kind, clustersOf(heapOf(said), far))
  }

  of(saying: Saying): string {
    return `${this.#clusterOf(saying)?.centre ?? saying.output}\n${saying.kind}`
  }

  /** A repeat within the tolerance of what was said is a repeat of it. */
  ofRepeat(saying: Saying, said: Saying): string {
    return this.of(saying.kind === said.kind && this.#far(saying.output, said.output) <= 1 ? said : saying)
  }

  chainOf(saying: Saying): string | null {
    const chain = this.#clusterOf(saying)?.chain ?? null
    return chain && `${[...chain.keys()].sort()[0]}...\n${saying.kind}`
  }

  #clusterOf({ kind, output }: Saying) {
    const clusters = this.#clusters.get(kind) ?? []
    return clusters.find(({ members }) => members.has(output)) ?? clusters.find(({ centre }) => this.#far(output, centre) <= 1)
  }
}

function groupsOf(voices: readonly WeighedSaid[], nameOf: (voice: WeighedSaid) => string) {
  const groups = new Map<string, WeighedSaid[]>()
  for (const voice of voices) {
    const name = nameOf(voice)
    groups.set(name, [...(groups.get(name) ?? []), voice])
  }
  return [...groups].map(([name, members]) => ({ name, members }))
}

/** What speaks for a group: the product of c / (1 - c), where of newcomers one counts at most. */
function weightOf({ f }: ConfidentTerms, members: readonly WeighedSaid[]): number {
  const newcomers = members.filter(({ newcomer }) => newcomer)
  const counted = [...members.filter(({ newcomer }) => !newcomer), ...newcomers.slice(0, 1)]
  return counted.reduce((weight, { checks }) => {
    const credibility = credibilityOf(f, checks)
    return weight * (credibility / (1 - credibility))
  }, 1)
}

function leaderOf(
  terms: ConfidentTerms,
  { members, weight }: { members: readonly WeighedSaid[]; weight: number },
  { others, test, outputs, isSpread }: { others: number; test: number; outputs: Outputs; isSpread: boolean },
): SureGroup {
  const [first] = members as readonly [WeighedSaid]
  const heap = heapOf(members.map(({ tests }) => (tests[test] as Saying).output))
  const output = centreOf(heap, majorityOf(heap), outputs.far)
  const sameText = (voice: WeighedSaid) =>
    heap.size === 1 || outputs.text((voice.tests[test] as Saying).output) === outputs.text(output)
  const [same, different] = [members.filter(sameText), members.filter((voice) => !sameText(voice))]
  const [own, against] = [weightOf(terms, same), weightOf(terms, different) + others]
  return {
    class: first.class,
    kind: (first.tests[test] as Saying).kind,
    output,
    votes: members.length,
    alike: [...heap.keys()].filter((one) => one !== output).sort(),
    near: different.length > 0 && own / (1 + own + against) < terms.theta,
    unstable: isSpread,
    confidence: weight / (1 + weight + others),
    otherwise: false,
  }
}

function lacksOf(terms: ConfidentTerms, isDecided: boolean, outcome: Outcome, weight: number, others: number): number {
  if (outcome.kind === 'unstable') return 0
  if (outcome.kind === 'asking') return outcome.more ? 1 : 0
  return isDecided ? 0 : Math.max(1, answersFor(terms, weight, others))
}

/** 1 - f, or where its batch stood after so many checks 1 - f / ((1-f)^2 checks e), if that is more. */
export function credibilityOf(f: number, checks: number | null): number {
  if (checks === null || checks === 0) return 1 - f
  return Math.max(1 - f, 1 - f / ((1 - f) ** 2 * checks * Math.E))
}

/** Checks after which a batch stands. */
export function checksFor(f: number, theta: number): number {
  return Math.ceil(f / ((1 - f) ** 2 * Math.E * (1 - theta)))
}

/** Further answers, each worth 1 - f, that bring a group of this weight to theta against others. */
function answersFor({ theta, f }: ConfidentTerms, weight: number, others: number): number {
  let answers = 0
  for (let reached = weight; reached / (reached + 1 + others) < theta; reached *= (1 - f) / f) answers++
  return weight === 1 && others === 0 ? Math.max(1, answers) : answers
}

/** Of the classes that came to a decision the surest. Others came to something else where no value can be meant by both. */
function decideAmong(looks: readonly Look[], far: Far): SureGroup | null {
  const found = looks.flatMap(({ leader, isDecided }) => (isDecided && leader !== null ? [leader] : []))
  found.sort((a, b) => b.confidence - a.confidence || (a.class < b.class ? -1 : 1))
  const [first, ...rest] = found
  if (first === undefined) return null
  return { ...first, otherwise: rest.some(({ kind, output }) => kind !== first.kind || far(output, first.output) > 2) }
}

function wrongIn(looks: readonly Look[]): Map<string, number[]> {
  const wrong = new Map<string, number[]>()
  for (const [test, { outcome }] of looks.entries()) {
    if (outcome.kind !== 'against') continue
    for (const operator of outcome.wrong) wrong.set(operator, [...(wrong.get(operator) ?? []), test])
  }
  return wrong
}
