import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { below } from '../../sandbox/jail/process-tree.ts'
import { plainSandbox, programOf } from '../sandbox/fixture.ts'

/**
 * What a busy program of the machine's owner keeps of a processor while one of ours is busy on the same one:
 *
 *     node test/bench/foreground.ts [SECONDS]
 *
 * Both are bound to the first processor, in sessions of their own, as a desktop has them. What counts is the processor time that each
 * got, by the kernel, so that whatever else runs takes from both alike.
 */
/** It asks for a session of its own, in which it would have an ordinary rank. */
const SPIN =
  '#include <unistd.h>\nint spin(int n) { if (fork() > 0) for (;;) pause(); setsid(); volatile int x = 0; for (;;) x += n; }'

export interface ForegroundShare {
  background: boolean
  /** Processor time, in the kernel's ticks. */
  owner: number
  ours: number
  /** Of the two together. */
  ownerShare: number
}

/** @param ticks how much processor time the two are to get together before they are compared, in the kernel's ticks */
export async function measureForeground(background: boolean, ticks: number): Promise<ForegroundShare> {
  const sandbox = await plainSandbox({ background, nvcc: 'never', gpu: 'never' })
  const stop = new AbortController()
  const limits = { wallMs: 600_000, memoryBytes: 128 * 1024 ** 2, outputBytes: 1024 }
  const run = sandbox.execute(programOf(SPIN, ['wrapper(spin, 1);']), 'host', limits, stop)
  const ended = run.then(({ tests }) => Promise.reject(new Error(`it ended as ${tests[0]?.status}: ${tests[0]?.detail}`)))
  ended.catch(() => stop.abort())
  const ours = await Promise.race([spinning(stop.signal), ended])
  await once(spawn('taskset', ['-a', '-cp', '0', String(ours)], { stdio: 'ignore' }), 'exit')
  const owner = spawn('taskset', ['-c', '0', 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore', detached: true })
  try {
    const before = { owner: ticksOf(owner.pid as number), ours: ticksOf(ours) }
    for (;;) {
      await sleep(100)
      const got = { owner: ticksOf(owner.pid as number) - before.owner, ours: ticksOf(ours) - before.ours }
      if (got.owner + got.ours >= ticks) return { background, ...got, ownerShare: got.owner / (got.owner + got.ours) }
    }
  } finally {
    owner.kill('SIGKILL')
    stop.abort()
    await run.catch(() => undefined)
  }
}

/** The process of a jail of ours that has been computing. */
async function spinning(signal: AbortSignal): Promise<number> {
  for (;;) {
    await sleep(50, undefined, { signal })
    const found = below(process.pid).find((pid) => nameOf(pid) === 'program' && ticksOf(pid) > 2)
    if (found !== undefined) return found
  }
}

function nameOf(pid: number): string {
  return /\((.*)\)/s.exec(statOf(pid))?.[1] ?? ''
}

function ticksOf(pid: number): number {
  const [user, system] = statOf(pid)
    .slice(statOf(pid).lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number)
  return (user ?? 0) + (system ?? 0)
}

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return ''
  }
}

if (import.meta.main) {
  const seconds = Number(process.argv[2] ?? 5)
  const rows = [await measureForeground(false, seconds * 100), await measureForeground(true, seconds * 100)]
  console.table(rows)
}
