import type { Program } from '../../../protocol/index.ts'
import type { Attack } from '../../hostile/attack.ts'
import { GOOD } from '../../hostile/good.ts'
import { GPU_ATTACKS } from '../../hostile/gpu.ts'
import type { Row as IsolatedRow } from '../../isolated/rows.ts'
import { WRONG } from '../../isolated/wrong.ts'
import { FAULTY } from './faulty.ts'

/** The name of processes that are not to be left over: it stands in programs that were built when the kit was made. */
export const MARK = 'ksbait-gpu-kit'

/** A row of the list G as the kit's builder has built it. */
export function hostileProgram({ side, code, wrapper = '', tests }: Attack): Program {
  const named = (text: string) => text.replaceAll('@mark@', MARK)
  return { v: 1, side, code: named(code), wrapper: named(wrapper), tests: tests.map(named) }
}

/** Rows of programs that are wrong and look right, as far as a GPU runs them. */
const WRONG_ON_GPU: readonly IsolatedRow[] = WRONG.filter(({ side }) => side === 'cuda')

export function wrongProgram({ side, code, wrapper = '', tests }: IsolatedRow): Program {
  return { v: 1, side, code, wrapper, tests: [...tests] }
}

/** A program that does as it should, for after those that do not, and all it prints. */
export const RIGHT = rightOne()

function rightOne(): { program: Program; prints: string } {
  const found = GOOD.find(({ program }) => program.side === 'cuda')
  if (found === undefined) throw new Error('no good program of the CUDA side')
  return { program: found.program, prints: found.prints.join('') }
}

/** Rows of the list G, of those that are wrong and look right, and of faults, that a kit of such a name has. */
export const rowsOf = (only: string) => {
  const wanted = new RegExp(only)
  return {
    hostile: GPU_ATTACKS.filter(({ id, name }) => wanted.test(`hostile/${id} ${name}`)),
    wrong: WRONG_ON_GPU.filter(({ id }) => wanted.test(`wrong/${id}`)),
    faulty: FAULTY.filter(({ id }) => wanted.test(`faulty/${id}`)),
  }
}

/** All that a kit must be built with beside its cases. */
export function morePrograms(only: string): Program[] {
  const { hostile, wrong, faulty } = rowsOf(only)
  return [RIGHT.program, ...hostile.map(hostileProgram), ...wrong.map(wrongProgram), ...faulty.map(({ program }) => program)]
}
