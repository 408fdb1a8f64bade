import type { GpuStatus } from '../../sandbox/index.ts'
import type { Fact, Facts } from '../conditions/facts.ts'
import type { Answer, Permission } from '../conditions/permission.ts'
import type { RunRecord, Tally } from '../history/record.ts'
import type { OwnPause } from '../losses.ts'
import type { MembershipStatus } from '../membership.ts'
import type { Running } from '../work.ts'

/** Rejected verdicts that are shown. */
export const REJECTED_SHOWN = 20

/** Where a node stands in its life. */
export type Phase = 'testing' | 'working' | 'stopping'

/** A program that runs, for people. Times in milliseconds since 1970. */
export interface RunningStatus {
  nonce: string
  coordinator: string
  program: string
  executor: string
  pass: string
  /** What it runs on: the GPU's name, or the processor. */
  on: string
  /** Labels of its rounds, as far as they are known. */
  labels: readonly string[]
  since: number
}

/** A verdict that was not what was decided, or was refused. */
export interface RejectedStatus {
  nonce: string
  at: number
  coordinator: string
  program: string
  /** Why, in one sentence. */
  why: string
  /** The tests that disagreed, from 1. */
  tests: readonly number[]
}

export interface GpuFacts {
  uuid: string
  name: string
  temperatureCelsius: number | null
  powerWatts: number | null
  fanPercent: number | null
  may: Answer
}

/** Everything a node says of itself; `--json` prints it as it is. */
export interface NodeStatus {
  v: 1
  version: string
  pid: number
  node: string | null
  data: string
  startedAt: number
  phase: Phase
  /** What it does, or why it does nothing, in one sentence. */
  says: string
  /** When that ends by itself, milliseconds since 1970, or null. */
  until: number | null
  /** What its owner should know beside that. */
  notes: readonly string[]
  slots: number
  running: readonly RunningStatus[]
  tally: Tally | null
  rejected: readonly RejectedStatus[]
  coordinators: readonly MembershipStatus[]
  executors: readonly string[]
  gpu: GpuStatus | null
  gpus: readonly GpuFacts[]
  limits: Permission['limits'] | null
  /** Where the page is, or null. */
  page: string | null
}

export function runningStatus({ assign, coordinator, startedAt }: Running, gpu: string | null): RunningStatus {
  const { nonce, task, origins = [] } = assign
  return {
    nonce,
    coordinator,
    program: task.program,
    executor: task.executor,
    pass: task.pass,
    on: task.executor === 'gpu' ? (gpu ?? 'a GPU') : 'the processor',
    labels: origins.map(({ label }) => label),
    since: startedAt,
  }
}

/** Null where a run was not rejected. */
export function rejectedStatus(record: RunRecord): RejectedStatus | null {
  const { nonce, startedAt, endedAt, coordinator, task, answer, outcome, disagreed } = record
  const own = { nonce, at: endedAt ?? startedAt, coordinator, program: task.program }
  if (outcome === 'disagreed') {
    const tests = disagreed.map((test) => test + 1)
    const which = `${tests.length === 1 ? 'test' : 'tests'} ${tests.join(', ')}`
    return { ...own, tests, why: `what was decided of ${which} is not what this node said` }
  }
  if (answer === null || answer === 'accepted') return null
  return { ...own, tests: [], why: REFUSED[answer] }
}

/** What a refusal of a verdict means. */
const REFUSED: Readonly<Record<Exclude<RunRecord['answer'], 'accepted' | null>, string>> = {
  'unknown-assignment': 'the coordinator does not remember the assignment',
  expired: 'it came after its deadline, or was not needed any more',
  'not-yours': 'the assignment was given to another node',
  signature: "its signature was not this node's",
  schema: 'it was not of the form that the coordinator reads',
  output: 'its outputs were not those that it names',
  mismatch: 'it was not about the task that was given',
}

/** The GPUs as they were seen last, and whether they may be used. */
export function gpuFacts(gpus: Facts['gpus'], permission: Permission | null): GpuFacts[] {
  const seen = gpus.known ? (gpus.value ?? []) : []
  return seen.map(({ uuid, name, temperatureCelsius, powerWatts, fanPercent }) => ({
    ...{ uuid, name, temperatureCelsius: reading(temperatureCelsius), powerWatts: reading(powerWatts) },
    fanPercent: reading(fanPercent),
    may: permission?.gpus.get(uuid) ?? permission?.otherGpus ?? { may: true },
  }))
}

function reading<T>(fact: Fact<T | null>): T | null {
  return fact.known ? fact.value : null
}

/** What the sentence is made from. */
export interface Situation {
  phase: Phase
  running: number
  permission: Permission
  pause: OwnPause | null
  coordinators: readonly Pick<MembershipStatus, 'state' | 'trouble' | 'retryAt' | 'address'>[]
}

/** What a node does, or why it does nothing, in one plain sentence, and until when. Pure. */
export function explain({ phase, running, permission, pause, coordinators }: Situation): { says: string; until: number | null } {
  if (phase === 'testing') return { says: 'It tests its sandbox before it joins.', until: null }
  if (phase === 'stopping') return { says: 'It is being stopped: what runs is ended and given back.', until: null }
  const barrier = barrierOf(permission, pause)
  if (running > 0) {
    const what = `It runs ${running === 1 ? '1 program' : `${running} programs`}`
    return barrier === null
      ? { says: `${what}.`, until: null }
      : { says: `${what} and takes no more: ${lower(barrier.why)}`, until: barrier.until }
  }
  if (barrier !== null) return { says: `It does nothing: ${lower(barrier.why)}`, until: barrier.until }
  if (coordinators.some(({ state }) => state === 'connected')) {
    const where = coordinators.length === 1 ? 'its coordinator has' : 'its coordinators have'
    return { says: `It waits: ${where} no work now that this machine may have.`, until: null }
  }
  const [troubled] = coordinators.filter(({ trouble }) => trouble !== null)
  if (troubled?.trouble == null) return { says: 'It connects to its coordinator.', until: null }
  const { message } = troubled.trouble
  const until = Math.min(...coordinators.map(({ retryAt }) => retryAt ?? Number.POSITIVE_INFINITY))
  return { says: `It waits to connect: ${lower(sentence(message))}`, until: Number.isFinite(until) ? until : null }
}

function barrierOf({ take }: Permission, pause: OwnPause | null): { why: string; until: number | null } | null {
  if (!take.may) return { why: sentence(take.why), until: take.until }
  if (pause === null) return null
  return { why: `it has paused itself, since ${pause.why}; \`kernelswarm node resume\` ends that.`, until: pause.until }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

function lower(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text[0]?.toLowerCase() + text.slice(1) : text
}

/** What a node's owner should know of its GPU. */
export function gpuNotes(gpu: GpuStatus, executors: readonly string[]): string[] {
  if (!gpu.used) {
    return [
      `No GPU is used (${gpu.says}): it runs the C++ side and emulates kernels, which decides most rounds; with one it could also run rounds that ask for real GPUs, which have fewer nodes. \`kernelswarm node doctor\` says what is missing.`,
    ]
  }
  if (executors.includes('gpu')) return []
  return [
    `The GPU is out of service since it did not answer as it must (${gpu.says}): it is tried again every five minutes; the rest goes on.`,
  ]
}
