import { spawnSync } from 'node:child_process'
import type { CpuClock } from './cpu-clock.ts'

/** What each stage of g++ takes, milliseconds of the processor, the mean over some texts. */
export interface Stages {
  frontMs: number
  backMs: number
  assembleMs: number
  linkMs: number
}

/** A text and the arguments it is compiled with; `-` among them stands for the text, and what comes after it is for the linker. */
export interface Call {
  text: string
  args: readonly string[]
}

/** Compiles every text as far as each stage; what a stage takes is the difference. @throws Error where one does not compile */
export async function stagesOf(clock: CpuClock, compiler: string, calls: readonly Call[], product: string): Promise<Stages> {
  const until = async (stop: readonly string[]) =>
    await meanMs(clock, calls, ({ text, args }) => {
      const end = stop.length === 0 ? args.length : args.indexOf('-') + 1
      succeed(compiler, [...args.slice(0, end), ...stop, '-o', product], text)
    })
  const front = await until(['-fsyntax-only'])
  const [back, object, whole] = [await until(['-S']), await until(['-c']), await until([])]
  return { frontMs: front, backMs: back - front, assembleMs: object - back, linkMs: whole - object }
}

/** What work takes in other processes, for each of some things. */
export async function meanMs<T>(clock: CpuClock, each: readonly T[], work: (one: T) => void): Promise<number> {
  const { children } = await clock.time(async () => {
    for (const one of each) work(one)
  })
  return (children * 1000) / each.length
}

/** @throws Error with its complaints where it does not */
export function succeed(file: string, args: readonly string[], input: string): void {
  const { status, stderr } = spawnSync(file, args, { input })
  if (status !== 0) throw new Error(`${file}: ${String(stderr).slice(0, 500)}`)
}
