import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { checkCaseFile, KernelswarmError, makeFolder, UsageError } from '../../protocol/index.ts'
import { type Audience, onLines, together } from '../flow/watch.ts'
import { runCommand } from './command.ts'
import { variablesOf } from './environment.ts'
import type { Step } from './events.ts'
import { sync, syncAll } from './folder.ts'
import type { Journal } from './journal.ts'
import { endLeftovers } from './leftovers.ts'
import { next } from './loop.ts'
import { measuresOf } from './measures.ts'
import { HOUR_MS } from './plan.ts'
import type { CheckedPlan } from './plan-file.ts'
import type { LoopRound } from './rounds.ts'
import type { StopReason } from './stop.ts'
import { CancelledError, type Job, type Verifier } from './verifier.ts'

/** Lines of progress come at most this often in a round's log. */
const LOG_LINE_MS = 60_000

export interface RunnerComponents {
  checked: CheckedPlan
  journal: Journal
  verifier: Verifier
  /** Says a line to whoever looks on. */
  say: (line: string) => void
  /** Shows whoever looks on how a round goes, while it goes on. */
  showing: <T>(title: string, use: (audience: Audience) => Promise<T>) => Promise<T>
  signal: AbortSignal
}

/**
 * Goes through a loop, step by step. What a step has made is on disk before the journal says that it is done, and the journal
 * says so before the next is begun: whenever it is killed, it goes on at the step it was in.
 */
export class Runner {
  readonly #parts: RunnerComponents

  constructor(components: RunnerComponents) {
    this.#parts = components
  }

  /** @returns why the loop is at its end @throws what made a step fail; the next call tries that step again */
  async run(): Promise<StopReason> {
    const { checked, journal, signal } = this.#parts
    await keepPlan(checked)
    for (;;) {
      signal.throwIfAborted()
      const todo = next(journal.rounds, checked.plan.stop)
      if ('stop' in todo) return todo.stop
      await this.#try(todo.round, todo.step)
    }
  }

  async #try(round: number, step: Step): Promise<void> {
    const { checked, journal, say, signal } = this.#parts
    await this.#endOthers(round)
    const mark = step === 'generate' || step === 'train' ? randomBytes(16).toString('hex') : null
    await journal.append({ t: 'begun', round, step, plan: checked.digest, mark })
    say(`round ${round} of at most ${checked.plan.stop.rounds}: ${step}  (log: ${checked.work.round(round).log(step)})`)
    try {
      await this.#do(step, this.#round(round), mark ?? '')
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof CancelledError) await journal.append({ t: 'cancelled', round, id: error.round })
      const why = error instanceof Error ? error.message : String(error)
      await journal.append({ t: 'failed', round, step, why })
      // Its class says how the command ends.
      if (error instanceof Error) error.message = `round ${round}, ${step}: ${why}\nthe same command tries this step again`
      throw error
    }
  }

  /** A command whose evolve was killed may still be there. */
  async #endOthers(round: number): Promise<void> {
    const mark = this.#parts.journal.rounds.find(({ number }) => number === round)?.mark
    if (mark && (await endLeftovers(mark)) > 0) this.#parts.say('ended what the last try of this step had left running')
  }

  async #do(step: Step, round: LoopRound, mark: string): Promise<void> {
    const began = performance.now()
    const seconds = () => Math.round((performance.now() - began) / 100) / 10
    switch (step) {
      case 'generate':
        return await this.#generate(round, mark, seconds)
      case 'verify':
        return await this.#verify(round, seconds)
      case 'export':
        return await this.#export(round)
      case 'train':
        return await this.#train(round, mark, seconds)
    }
  }

  async #generate({ number }: LoopRound, mark: string, seconds: () => number): Promise<void> {
    const { checked, journal, say } = this.#parts
    const { path, cases, casesPart } = checked.work.round(number)
    await makeFolder(path)
    // One that writes to the end of a file must not find what an earlier try wrote.
    await rm(casesPart, { force: true })
    await this.#command('generate', number, mark)
    const summary = await checkCaseFile(casesPart).catch((error) => {
      throw existsSync(casesPart)
        ? error
        : new UsageError('file', 'the command wrote no cases; expected them in $KERNELSWARM_CASES')
    })
    await sync(casesPart)
    await rename(casesPart, cases)
    await sync(path)
    await journal.append({ t: 'generated', round: number, ...summary, seconds: seconds() })
    say(`  ${summary.cases} cases in ${seconds()} s`)
  }

  async #verify(round: LoopRound, seconds: () => number): Promise<void> {
    const { checked, journal, verifier, say, showing, signal } = this.#parts
    const { hours } = checked.plan.verify
    const late = AbortSignal.timeout(hours * HOUR_MS)
    await using log = await openLog(checked.work.round(round.number).log('verify'))
    const { cases } = checked.work.round(round.number)
    const { digest } = await checkCaseFile(cases)
    if (digest !== round.generated?.digest) throw new UsageError('file', `${cases}: was changed since it was generated`)
    try {
      await showing(`round ${round.number}: verify`, async (audience) => {
        const job = this.#job(round, AbortSignal.any([signal, late]), log.write, audience)
        await verifier.verify(job, async (id) => {
          await journal.append({ t: 'verified', round: round.number, id, seconds: seconds() })
        })
      })
    } catch (error) {
      signal.throwIfAborted()
      if (late.aborted) throw new KernelswarmError('unfinished', `took longer than ${hours} hours; the round goes on without us`)
      throw error
    }
    say(`  verified in ${seconds()} s`)
  }

  async #export(round: LoopRound): Promise<void> {
    const { checked, journal, verifier, say, signal } = this.#parts
    const late = AbortSignal.timeout(checked.plan.verify.hours * HOUR_MS)
    await using log = await openLog(checked.work.round(round.number).log('export'))
    const audience = onLines((line) => say(`  ${line}`))
    const job = this.#job(round, AbortSignal.any([signal, late]), log.write, audience)
    await verifier.export(job, round.verified?.id ?? '')
    await syncAll(job.results)
    const measures = await measuresOf(job.results, checked.terms.spec.rule)
    await log.write(`exported to ${job.results}`)
    await journal.append({ t: 'exported', round: round.number, measures })
    const { accepted, cases, passAt1 } = measures
    say(`  ${accepted} of ${cases} pairs accepted${passAt1 === null ? '' : `, Pass@1 ${(100 * passAt1).toFixed(1)} %`}`)
  }

  async #train({ number }: LoopRound, mark: string, seconds: () => number): Promise<void> {
    const { checked, journal, say } = this.#parts
    const { model } = checked.work.round(number)
    await makeFolder(model)
    await this.#command('train', number, mark)
    await syncAll(model)
    await journal.append({ t: 'trained', round: number, seconds: seconds() })
    say(`  trained in ${seconds()} s`)
  }

  async #command(step: 'generate' | 'train', number: number, mark: string): Promise<void> {
    const { checked, signal } = this.#parts
    const { run, env, hours } = checked.plan[step]
    const own = checked.work.round(number)
    await makeFolder(own.scratch)
    const variables = variablesOf(checked.work, number, step, this.#round(number).attempts[step])
    await runCommand({
      ...{ run, hours, mark, signal, cwd: checked.folder, log: own.log(step) },
      env: { ...process.env, ...env, ...variables },
    })
  }

  #job({ number, cancelled }: LoopRound, signal: AbortSignal, write: (line: string) => Promise<void>, audience: Audience): Job {
    const { checked, journal, say } = this.#parts
    const { cases, results } = checked.work.round(number)
    const follows = journal.rounds.find((one) => one.number === number - 1)?.verified?.id
    const spec = {
      ...checked.terms.spec,
      name: `${checked.plan.name}, round ${number}`,
      ...(follows === undefined ? {} : { follows }),
    }
    return {
      ...{ file: cases, spec, results, signal },
      salt: cancelled === 0 ? '' : `evolve ${cancelled}`,
      audience: together(
        audience,
        onLines((line) => void write(line), LOG_LINE_MS),
      ),
      say: (line) => {
        say(`  ${line}`)
        void write(line)
      },
    }
  }

  #round(number: number): LoopRound {
    return this.#parts.journal.rounds.find((one) => one.number === number) as LoopRound
  }
}

/** Keeps the plan that steps are begun under: it may be changed between two of them. */
async function keepPlan({ work, digest, text }: CheckedPlan): Promise<void> {
  const file = work.plan(digest)
  await makeFolder(dirname(file))
  await writeFile(file, text)
}

/** A log of lines with their times. What cannot be logged is not worth a round. */
async function openLog(file: string): Promise<{ write: (line: string) => Promise<void> } & AsyncDisposable> {
  await makeFolder(dirname(file))
  const handle = await open(file, 'a')
  let last: Promise<unknown> = Promise.resolve()
  const write = async (line: string) => {
    last = last.then(() => handle.appendFile(`${new Date().toISOString()}  ${line}\n`)).catch(() => {})
    await last
  }
  return {
    write,
    [Symbol.asyncDispose]: async () => {
      await last
      await handle.close()
    },
  }
}
