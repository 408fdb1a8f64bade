import { type Pass, ROUND_DEFAULTS } from '../../../../protocol/index.ts'
import type { TestRun } from '../../../../sandbox/index.ts'
import type { Attack } from '../../../hostile/attack.ts'
import { isolatedSurprises, saidBy, surprises } from '../../../hostile/attempt.ts'
import { leftBehind, namedProcesses } from '../../../hostile/processes.ts'
import { type KitGpu, openKitGpu } from '../kit-gpu.ts'
import { kitFacts } from '../means.ts'
import { hostileProgram, MARK, RIGHT, rowsOf } from '../more-programs.ts'
import { gpuSettings } from '../settings.ts'
import { type Part, pass, type Stand } from '../stand.ts'

const PASSES = ['plain', 'isolated'] as const

/**
 * The list G, each row in both passes. After each a good program must be right on the same GPU, and nothing may be left of it.
 * Rows that ask for a state of the GPU find that of the row before: the order is that of the list.
 */
export const hostile: Part = async (stand) => {
  await using gpu = await openKitGpu(stand)
  const before = await gpuSettings()
  const { hostile: attacks } = rowsOf(kitFacts(stand.places).only)
  let left = PASSES.length * attacks.length
  for (const pass of PASSES) {
    for (const attack of attacks) {
      if (stand.signal.aborted) break
      await one(stand, gpu, attack, pass)
      left--
    }
  }
  const after = await gpuSettings()
  const same = before === after
  stand.row({
    name: 'settings of the GPU after all of them',
    outcome: same ? 'pass' : 'fail',
    detail: same ? after : `${before}; then ${after}`,
  })
  return left === 0 ? pass() : pass(`no time for ${left} of ${PASSES.length * attacks.length} runs`)
}

async function one(stand: Stand, gpu: KitGpu, attack: Attack, pass: Pass): Promise<void> {
  const before = await leftBehind(process.pid)
  const startedAt = performance.now()
  const limits = { ...ROUND_DEFAULTS.limits, outputBytes: 64 * 1024, ...attack.limits }
  const found = await gpu.run(hostileProgram(attack), { pass, ways: ['fast', 'own'], limits, signal: stand.signal }).then(
    (runs) => ({ runs, wrong: pass === 'plain' ? surprises(attack, runs) : isolatedSurprises(attack, runs) }),
    (error: Error) => ({ runs: [] as TestRun[], wrong: [`the sandbox failed: ${error.message}`] }),
  )
  // No time is no fault of the row's.
  if (stand.signal.aborted) return stand.row({ name: attack.name, outcome: 'left out', detail: 'its time was over' })
  const left = (await leftBehind(process.pid)).filter((pid) => !before.includes(pid)).map((pid) => `process ${pid} is left`)
  const named = (await namedProcesses(MARK)).map((pid) => `process ${pid} goes on`)
  const escaped = saidBy(found.runs).match(/^ESCAPED.*$/gm) ?? []
  const wrong = [...found.wrong, ...left, ...named, ...escaped, ...(await wrongAfter(stand, gpu))]
  const ends = found.runs.map(({ status, findings }) => [status, ...findings.map(({ flag }) => flag)].join(', ')).join('; ')
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const detail = `${ends} (${seconds} s)${wrong.length === 0 ? '' : `: ${wrong.join('; ')}`}`
  stand.row({ name: `${attack.id} ${attack.name} (${pass})`, outcome: wrong.length === 0 ? 'pass' : 'fail', detail })
}

/** What is not well with the GPU after a hostile program. */
async function wrongAfter({ signal }: Stand, gpu: KitGpu): Promise<string[]> {
  const { limits } = ROUND_DEFAULTS
  try {
    const [run] = await gpu.run(RIGHT.program, { pass: 'plain', ways: ['fast', 'own'], limits, signal })
    const printed = Buffer.from(run?.output ?? []).toString('latin1')
    return printed === RIGHT.prints ? [] : [`the good program after it: ${run?.status} ${printed}`]
  } catch (error) {
    return [`the good program after it: ${(error as Error).message}`]
  }
}
