import type { Standing } from '../rules/secrecy.ts'

/** The two programs of a case. */
export interface Pair {
  cpp: string
  cuda: string
}

/** Programs that hang together: two that a case uses, those that another case uses with one of them, and so on. */
export interface Part {
  programs: string[]
  /** Cases that are not judged, and tasks of which something is out. */
  pending: number
  /** A case has gone: it may have come apart, and what it counts may be wrong. */
  torn: boolean
}

interface Member {
  part: Part
  /** Cases that use it, and those of them that are judged. */
  cases: number
  judged: number
  /** What of its part's is its own: a case that waits counts with its C++ program. */
  pending: number
}

/**
 * What the secrecy rule (`rules/secrecy.ts`) asks of cases in memory, kept as these change, so that an answer costs the same
 * however many cases share a program. Parts only grow together, the smaller into the larger. Where a case goes, its part is
 * put together anew, by a walk over it, when it is asked for next; cases go a round at a time.
 */
export class Connections {
  readonly #members = new Map<string, Member>()
  /** By program, how many of its tasks have something out. */
  readonly #busy = new Map<string, number>()
  readonly #besides: (program: string) => Iterable<string>

  /** @param besides the programs of the cases in memory that use a program */
  constructor(besides: (program: string) => Iterable<string>) {
    this.#besides = besides
  }

  /** A case that is not judged comes. */
  join({ cpp, cuda }: Pair): void {
    const members = [this.#member(cpp), this.#member(cuda)] as const
    for (const member of members) member.cases++
    merge(members[0].part, members[1].part, this.#members)
    pend(members[0], 1)
  }

  /** A case is judged, or will never be. */
  settle({ cpp, cuda }: Pair, judged: boolean): void {
    const members = [this.#member(cpp), this.#member(cuda)] as const
    pend(members[0], -1)
    if (judged) for (const member of members) member.judged++
  }

  /** A settled case goes. */
  leave({ cpp, cuda }: Pair, judged: boolean): void {
    for (const program of [cpp, cuda]) {
      const member = this.#member(program)
      member.part.torn = true
      member.cases--
      if (judged) member.judged--
      if (member.cases === 0) this.#members.delete(program)
    }
  }

  /** Something of a task of the program is out now, or nothing any more. */
  setBusy(program: string, isBusy: boolean): void {
    const by = isBusy ? 1 : -1
    const busy = (this.#busy.get(program) ?? 0) + by
    if (busy === 0) this.#busy.delete(program)
    else this.#busy.set(program, busy)
    const member = this.#members.get(program)
    if (member !== undefined) pend(member, by)
  }

  /** How a program stands as if it were one case: open where anything is that it hangs together with. Undefined: no case uses it. */
  standingOf(program: string): Standing | undefined {
    const part = this.partOf(program)
    if (part === undefined) return undefined
    if (part.pending > 0) return 'open'
    return (this.#members.get(program)?.judged ?? 0) > 0 ? 'judged' : 'abandoned'
  }

  /** What a program hangs together with: good until something changes. */
  partOf(program: string): Part | undefined {
    const part = this.#members.get(program)?.part
    if (part?.torn) this.#mend(part)
    return this.#members.get(program)?.part
  }

  #member(program: string): Member {
    let member = this.#members.get(program)
    if (member === undefined) {
      const pending = this.#busy.get(program) ?? 0
      member = { part: { programs: [program], pending, torn: false }, cases: 0, judged: 0, pending }
      this.#members.set(program, member)
    }
    return member
  }

  /** Finds what of a part still hangs together. */
  #mend(torn: Part): void {
    for (const start of torn.programs) {
      if (this.#members.get(start)?.part !== torn) continue
      const part: Part = { programs: [], pending: 0, torn: false }
      const reached = new Set([start])
      for (const program of reached) {
        const member = this.#members.get(program)
        if (member === undefined) continue
        member.part = part
        part.programs.push(program)
        part.pending += member.pending
        for (const other of this.#besides(program)) reached.add(other)
      }
    }
  }
}

function pend(member: Member, by: 1 | -1): void {
  member.pending += by
  member.part.pending += by
}

function merge(one: Part, other: Part, members: ReadonlyMap<string, Member>): void {
  if (one === other) return
  const [small, large] = one.programs.length < other.programs.length ? [one, other] : [other, one]
  for (const program of small.programs) {
    // Of a torn part some may have gone, and may have come again elsewhere.
    const member = members.get(program)
    if (member?.part !== small) continue
    member.part = large
    large.programs.push(program)
  }
  large.pending += small.pending
  large.torn ||= small.torn
}
