import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const REAPER = fileURLToPath(new URL('reaper.cpp', import.meta.url))
/** In the environment of a process that runs below the reaper. */
const COUNTED = 'KERNELSWARM_BENCH_COUNTED'
/** Processes of a jail are gone when its result is there, but for their burial. */
const BURIAL_MS = 5_000

/**
 * Makes sure that this process runs below a reaper: the outermost process of a jail ends before the one inside is buried, so what
 * the jail took would be counted with nobody. Runs this command again below one, where it does not.
 * @returns null where it does; else the code of the other, which is to be this one's
 */
export async function countedBelow(): Promise<number | null> {
  if (process.env[COUNTED] !== undefined) return null
  await using folder = await mkdtempDisposable(join(tmpdir(), 'kernelswarm-reaper-'))
  const reaper = join(folder.path, 'reaper')
  execFileSync('g++', ['-O1', REAPER, '-o', reaper])
  const args = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const child = spawn(reaper, args, { stdio: 'inherit', env: { ...process.env, [COUNTED]: '1' } })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

/** Seconds of the processor, user and system. */
export interface CpuSeconds {
  /** Of all processes below this one that have ended, whoever waited for them. */
  children: number
  /** Of this process. */
  own: number
}

/** Reads what work took, to a hundredth of a second. */
export class CpuClock {
  readonly #ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

  /** What the work took, with every process it started; nothing else may be under way meanwhile. */
  async time(work: () => Promise<void>): Promise<CpuSeconds> {
    const before = await this.#read()
    await work()
    const after = await this.#read()
    return { children: after.children - before.children, own: after.own - before.own }
  }

  async #read(): Promise<CpuSeconds> {
    await untilBuried()
    const ticks = await Promise.all([process.pid, process.ppid].map(ticksOfEnded))
    const { user, system } = process.cpuUsage()
    return { children: ticks.reduce((sum, one) => sum + one, 0) / this.#ticksPerSecond, own: (user + system) / 1e6 }
  }
}

/** The reaper has one child left, which is this process. */
async function untilBuried(): Promise<void> {
  const file = `/proc/${process.ppid}/task/${process.ppid}/children`
  for (const until = performance.now() + BURIAL_MS; performance.now() < until; await delay(1)) {
    if ((await readFile(file, 'utf8')).trim() === String(process.pid)) return
  }
  throw new Error('processes are left over')
}

/** `cutime` and `cstime` of proc(5): what a process's children took that have been waited for, and theirs in turn. */
async function ticksOfEnded(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[13]) + Number(fields[14])
}
