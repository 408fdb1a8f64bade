import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SandboxInit } from '../../sandbox/index.ts'
import { SandboxFault } from '../../sandbox/index.ts'
import { LIMITS, plainSandbox, runOne } from './fixture.ts'

/** What is to be run, and where; given as JSON. Tests start this where the machine is not as it should be. */
export interface Order {
  cacheDir: string
  cgroups?: SandboxInit['cgroups']
  /** Leave no room in the cache folder once the sandbox is open. */
  fill?: boolean
  tests: { code: string; wallMs?: number }[]
}

/** How each ended: its status, or the code of the fault that made it none. */
export interface Answer {
  ends: string[]
  says: string[]
  /** Ended processes whose first process has not taken note. */
  zombies: number
}

const order = JSON.parse(process.argv[2] ?? '') as Order
const answer: Answer = { ends: [], says: [], zombies: 0 }
try {
  const sandbox = await plainSandbox({ cacheDir: order.cacheDir, cgroups: order.cgroups ?? 'where-possible' })
  if (order.fill) await fill(order.cacheDir)
  for (const { code, wallMs } of order.tests) {
    await note(async () => (await runOne(sandbox, code, { ...LIMITS, wallMs: wallMs ?? LIMITS.wallMs })).status)
  }
} catch (error) {
  await note(() => Promise.reject(error))
}
answer.zombies = await countZombies()
process.stdout.write(`${JSON.stringify(answer)}\n`)

async function note(run: () => Promise<string>): Promise<void> {
  try {
    answer.ends.push(await run())
  } catch (error) {
    answer.ends.push(error instanceof SandboxFault ? `fault ${error.code}` : 'error')
    answer.says.push(String(error))
  }
}

async function fill(folder: string): Promise<void> {
  for (let size = 1024 ** 2; size >= 1; size = Math.floor(size / 4)) {
    for (let at = 0; at < 1024; at++) {
      const wrote = await writeFile(join(folder, `full-${size}-${at}`), Buffer.alloc(size)).catch(() => 'full')
      if (wrote === 'full') break
    }
  }
}

async function countZombies(): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const states = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')))
  return states.filter((text) => /\) Z /.test(text)).length
}
