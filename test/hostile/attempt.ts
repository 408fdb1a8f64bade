import type { ExecutorName, Pass, Program } from '../../protocol/index.ts'
import type { Sandbox, TestRun } from '../../sandbox/index.ts'
import { type Attack, LIMITS } from './attack.ts'
import type { Bait } from './bait.ts'

/** An attack as a program for this sandbox, with the baits of this machine. */
export function programOf(attack: Attack, bait: Bait): Program {
  const { side, code, wrapper = '', tests } = attack
  return { v: 1, side, code: bait.name(code), wrapper: bait.name(wrapper), tests: tests.map((text) => bait.name(text)) }
}

/** What runs the CUDA side. */
export type Device = Exclude<ExecutorName, 'host'>

/** What runs a program of that side. */
export function executorFor(side: Program['side'], device: Device): ExecutorName {
  return side === 'cpp' ? 'host' : device
}

/** Runs an attack in the sandbox: how each of its tests ended. */
export async function attempt(
  sandbox: Pick<Sandbox, 'execute'>,
  attack: Attack,
  bait: Bait,
  { device = 'emulated', pass = 'plain' }: { device?: Device; pass?: Pass } = {},
): Promise<TestRun[]> {
  const { signal } = new AbortController()
  const limits = { ...LIMITS, ...attack.limits }
  const executor = executorFor(attack.side, device)
  return (await sandbox.execute(programOf(attack, bait), executor, limits, { signal, pass })).tests
}

/** What is not as the row says of the isolated pass, in words. */
export function isolatedSurprises({ isolated }: Attack, runs: readonly TestRun[]): string[] {
  return runs.flatMap((run, at) => {
    const said = [run.status, ...run.findings.map(({ flag }) => flag)].join(', ')
    return isolated?.[at]?.split(' or ').includes(said) ? [] : [`test ${at + 1}: ${said} ${run.detail}`]
  })
}

/** All that is known of what the tests said, one character a byte. */
export function saidBy(runs: readonly TestRun[]): string {
  return runs.map((run) => `${textOf(run)}\n${run.detail}`).join('\n')
}

export function textOf({ output }: TestRun): string {
  return Buffer.from(output).toString('latin1')
}

/** What is not as the attack's row says, in words. */
export function surprises({ ends, prints }: Attack, runs: readonly TestRun[]): string[] {
  return runs.flatMap((run, at) => {
    const fits = (ends[at] as readonly string[] | undefined)?.includes(run.status)
    const wrong = fits ? [] : [`test ${at + 1} ended as ${run.status}: ${run.detail.slice(0, 300)}`]
    const wanted = prints?.[at]
    if (wanted !== undefined && wanted !== null && textOf(run) !== wanted) {
      wrong.push(`test ${at + 1} printed ${JSON.stringify(textOf(run).slice(0, 300))}`)
    }
    return wrong
  })
}
