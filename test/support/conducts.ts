import type { Program } from '../../protocol/index.ts'
import type { Behaviour } from './fake-sandbox.ts'

/** What a program of `test/support/cases.ts` does: one that is marked ends badly, all others print what their input says. */
function truth(program: Program, test: number): ReturnType<Behaviour> {
  if (program.code.includes('WRONG')) return { status: 'runtime_error', output: new Uint8Array() }
  return likeliest(program, test)
}

/** What can be said of a program without running it. */
function likeliest(program: Program, test: number): ReturnType<Behaviour> {
  return { output: Buffer.from(`right ${(program.tests[test] ?? '').replace(/wrapper\(\w+/, 'wrapper(')}`) }
}

/** The same from everybody who tells it. */
function agreedLie(program: Program, test: number): ReturnType<Behaviour> {
  return { output: Buffer.from(`a lie about ${program.code.length} ${program.tests[test]}`) }
}

function randomLie(): ReturnType<Behaviour> {
  return { output: Buffer.from(`a lie ${Math.random()}`) }
}

/** Answers before a turncoat lies: enough to be believed. */
export const HONEST_FOR = 12

/** What nodes say that run something, or not; the rest of them is as it always is. One call for each node. */
export const CONDUCTS = {
  honest: () => truth,
  /** N1 */
  random: () => randomLie,
  /** N2, and under many keys N12. */
  collusion: () => agreedLie,
  /** N4 */
  lazy: () => likeliest,
  /** N5: all of them tell the same lie, each when it has been honest for long enough. */
  turncoat: () => {
    const answered = new Set<string>()
    return (program: Program, test: number) => {
      const key = `${program.side} ${program.code}`
      if (answered.size < HONEST_FOR || answered.has(key)) {
        answered.add(key)
        return truth(program, test)
      }
      return agreedLie(program, test)
    }
  },
} satisfies Record<string, () => Behaviour>

export type ConductName = keyof typeof CONDUCTS
