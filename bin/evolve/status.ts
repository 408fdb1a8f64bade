import { shown } from './command.ts'
import { variablesOf } from './environment.ts'
import type { Step } from './events.ts'
import { next } from './loop.ts'
import type { CheckedPlan } from './plan-file.ts'
import type { LoopRound, LoopState } from './rounds.ts'
import { explainStop, type StopReason } from './stop.ts'

/** Where a loop stands, for programs. */
export interface LoopStatus {
  name: string
  work: string
  next: { round: number; step: Step; attempts: number; failure: string | null } | null
  stopped: StopReason | null
  /** Each with the round at the coordinator, and the one whose results its model was trained on: its lineage. */
  rounds: (Omit<LoopRound, 'number' | 'mark' | 'attempts'> & {
    round: number
    follows: string | null
    results: string
    model: string
  })[]
}

export function statusOf({ plan, work }: CheckedPlan, rounds: LoopState): LoopStatus {
  const todo = next(rounds, plan.stop)
  const last = rounds.at(-1)
  return {
    name: plan.name,
    work: work.path,
    next:
      'stop' in todo
        ? null
        : {
            ...todo,
            attempts: last?.number === todo.round ? last.attempts[todo.step] : 0,
            failure: last?.number === todo.round ? last.failure : null,
          },
    stopped: 'stop' in todo ? todo.stop : null,
    rounds: rounds.map(({ number, mark: _, attempts: __, ...rest }, index) => ({
      round: number,
      follows: rounds[index - 1]?.verified?.id ?? null,
      ...rest,
      results: work.round(number).results,
      model: work.round(number).model,
    })),
  }
}

/** The same for a person. */
export function describeStatus({ name, work, rounds, next: todo, stopped }: LoopStatus): string {
  const head = ['round', 'cases', 'accepted', 'yield', 'pass@1', 'trained', 'at the coordinator']
  const rows = rounds.map(({ round, generated, exported, trained, verified }) => [
    String(round),
    String(generated?.cases ?? '-'),
    String(exported?.accepted ?? '-'),
    exported === null ? '-' : percent(exported.yield),
    exported?.passAt1 == null ? '-' : percent(exported.passAt1),
    trained === null ? '-' : 'yes',
    verified?.id ?? '-',
  ])
  return [
    `${name}  (${work})`,
    ...[head, ...rows].map((row) => row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(9))).join(' ')),
    stopped === null
      ? `next: round ${todo?.round}, ${todo?.step}${todo?.failure ? ` (failed: ${todo.failure})` : ''}`
      : `ended: ${explainStop(stopped)}`,
  ].join('\n')
}

/** What the next steps would run, with what they would be told; nothing is run. */
export function describePlan(checked: CheckedPlan, rounds: LoopState): string {
  const { plan, work, terms } = checked
  const todo = next(rounds, plan.stop)
  if ('stop' in todo) return `nothing to do: ${explainStop(todo.stop)}`
  const where =
    terms.local === null ? `${plan.verify.coordinator}` : `a coordinator and ${terms.local.nodes} of its own nodes here`
  const { policy, rule, executor } = terms.spec
  const told = (step: 'generate' | 'train') =>
    Object.entries(variablesOf(work, todo.round, step, 1)).map(([name, value]) => `    ${name}=${value}`)
  return [
    `${plan.name}: the plan is as it should be; at most ${plan.stop.rounds} rounds, in ${work.path}`,
    `next: round ${todo.round}, ${todo.step}`,
    `generate: ${shown(plan.generate.run)}`,
    ...told('generate'),
    `verify: by ${where}; rule ${rule}, CUDA side ${executor}, policy ${JSON.stringify(policy)}`,
    `export: to ${work.round(todo.round).results}`,
    `train: ${shown(plan.train.run)}`,
    ...told('train'),
  ].join('\n')
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
