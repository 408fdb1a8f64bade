import { setTimeout as sleep } from 'node:timers/promises'
import { Volunteer } from '../../../node/index.ts'
import { encodeReport } from '../../../protocol/index.ts'
import { CONDUCTS } from '../../support/conducts.ts'
import { type Behaviour, FakeSandbox } from '../../support/fake-sandbox.ts'
import { hearingLog } from '../acknowledged.ts'

/*
 * A node in a process of its own, to be killed: it answers after some milliseconds, honestly or not, and writes down what was
 * acknowledged to it before it forgets the verdict.
 */
export interface VolunteerArguments {
  data: string
  coordinator: string
  /** File of the nonces that were acknowledged, a line each. */
  acknowledged: string
  conduct: 'honest' | 'random'
  /** Longest time one program takes. */
  delayMs: number
}

const { data, coordinator, acknowledged, conduct, delayMs } = JSON.parse(process.argv[2] ?? '') as VolunteerArguments
const told: Behaviour = CONDUCTS[conduct]()

const behave: Behaviour = async (program, test, executor, pass) => {
  await sleep(Math.random() * delayMs)
  const said = await told(program, test, executor, pass)
  if (pass !== 'isolated' || said.status !== undefined) return said
  // Not the same bytes on both sides, and equal within the tolerance: somebody has to compare them.
  const values = Buffer.from(`call\nreturn void\narg float ${program.side === 'cuda' ? '1.00001' : '1'}\n`)
  return { output: encodeReport({ v: 1, printed: said.output ?? new Uint8Array(), values, launches: 1, error: null }) }
}

const log = hearingLog(acknowledged)
await Volunteer.start({ data, coordinator, slots: 4, log }, new FakeSandbox(behave))
