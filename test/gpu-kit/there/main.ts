import { type ChildProcess, fork } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { toMarkdown } from './markdown.ts'
import { PARTS, type PartPlan, WHOLE_SECONDS } from './plan.ts'
import { emptyPart, type KitFacts, type KitReport, type PartReport, type Said, take } from './report.ts'
import type { Places } from './stand.ts'

/** The last seconds are for ending what runs, and the report. */
const RESERVE_SECONDS = 10
/** A part that has been told to stop has this long to say what it has. */
const GRACE_MS = 6_000
/** The report is written while a part runs, too. */
const SAVE_MS = 5_000
/** From a kill to the end; a process that hangs in the driver may not end at all, and is not waited for. */
const BURIAL_MS = 5_000

const PART = fileURLToPath(new URL('part.ts', import.meta.url))

/** Exit codes of the kit. */
export const CODES = { ok: 0, failed: 1, noGpu: 2 } as const

/** Which parts there are, and the program that runs one of them. @default those of the kit */
export interface Run {
  plans?: readonly PartPlan[]
  script?: string
}

/**
 * Runs the parts one after the other, each in a process of its own, which is killed when its time is over. The report is written
 * anew again and again: whenever this ends, a report is there.
 */
export async function main(places: Places, { plans = PARTS, script = PART }: Run = {}): Promise<number> {
  const startedAt = performance.now()
  const until = startedAt + (places.seconds - Math.min(RESERVE_SECONDS, places.seconds / 10)) * 1000
  const leastMs = ({ leastSeconds }: PartPlan) => leastSeconds * 1000 * Math.min(1, places.seconds / WHOLE_SECONDS)
  const report: KitReport = {
    v: 1,
    kit: JSON.parse(readFileSync(join(places.work, 'project', 'kit.json'), 'utf8')) as KitFacts,
    gpu: null,
    ...{ startedAt: new Date().toISOString(), seconds: 0, finished: false, ok: false },
    parts: [],
  }
  const save = () => {
    report.seconds = (performance.now() - startedAt) / 1000
    writeReport(report, places)
  }
  const stop = () => {
    const last = report.parts.at(-1)
    if (last !== undefined) take(last, { kind: 'end', outcome: 'cut', why: 'all of it was stopped from outside' })
    save()
    // The part that runs ends when nobody listens any more.
    process.exit(CODES.failed)
  }
  process.once('SIGTERM', stop)
  for (const [at, plan] of plans.entries()) {
    const later = plans.slice(at + 1).reduce((sum, next) => sum + leastMs(next), 0)
    const part = emptyPart(plan.id, plan.title)
    report.parts.push(part)
    save()
    const left = until - performance.now()
    // Where there is little, what comes first goes first.
    const mostMs = Math.min(plan.mostSeconds * 1000, left - Math.min(later, left / 2))
    process.stdout.write(`${plan.title} ...`)
    await runPart({ plan, part, report, places, mostMs, leastMs: leastMs(plan), save, script })
    if (plan.id === 'gpu') report.gpu = part.figures.model === undefined ? null : String(part.figures.model)
    process.stdout.write(
      ` ${part.outcome}${part.why === '' ? '' : `: ${part.why.split('\n')[0]}`} (${part.seconds.toFixed(1)} s)\n`,
    )
    save()
  }
  process.off('SIGTERM', stop)
  report.finished = true
  report.ok = report.gpu !== null && report.parts.every(({ outcome }) => outcome === 'pass' || outcome === 'left out')
  save()
  process.stdout.write(`\n${toMarkdown(report).split('\n').slice(0, 3).join('\n')}\nreport: ${join(places.out, 'report.md')}\n`)
  return report.gpu === null ? CODES.noGpu : report.ok ? CODES.ok : CODES.failed
}

interface Running {
  plan: PartPlan
  part: PartReport
  report: KitReport
  places: Places
  mostMs: number
  leastMs: number
  save(): void
  script: string
}

async function runPart({ plan, part, report, places, mostMs, leastMs, save, script }: Running): Promise<void> {
  const without = lacking(plan, report) ?? (mostMs < leastMs / 2 ? 'no time was left for it' : null)
  if (without !== null) return take(part, { kind: 'end', outcome: 'left out', why: without })
  const begun = performance.now()
  const found = Object.fromEntries(report.parts.map(({ id, figures }) => [id, figures]))
  const child = fork(script, [plan.id], {
    // Its own group, so that what it has started ends with it.
    detached: true,
    execPath: process.env.KIT_NODE ?? process.execPath,
    env: {
      ...process.env,
      KIT_PLACES: JSON.stringify(places),
      KIT_MS: String(Math.round(mostMs)),
      KIT_FOUND: JSON.stringify(found),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const complaints = listen(child)
  let ended = false
  child.on('message', (said: Said) => {
    ended ||= said.kind === 'end'
    take(part, said)
  })
  const saving = setInterval(() => {
    part.seconds = (performance.now() - begun) / 1000
    save()
  }, SAVE_MS)
  const { promise: gone, resolve: bury } = Promise.withResolvers<'ended'>()
  child.once('exit', () => bury('ended'))
  child.once('error', () => bury('ended'))
  const clock = new AbortController()
  const how = await Promise.race([gone, delay(mostMs + GRACE_MS, 'late' as const, { signal: clock.signal })])
  clock.abort()
  clearInterval(saving)
  killGroup(child)
  await Promise.race([gone, delay(BURIAL_MS, null, { ref: false })])
  part.seconds = (performance.now() - begun) / 1000
  if (how === 'late' && !ended) take(part, { kind: 'end', outcome: 'cut', why: 'it did not end in its time and was killed' })
  else if (!ended) take(part, { kind: 'end', outcome: 'fail', why: `it broke: ${complaints().slice(-1500)}` })
  if (part.rows.some((row) => row.outcome === 'fail')) part.outcome = 'fail'
}

/** Which part that did not pass keeps this one from being begun, or null. */
function lacking({ needs = [] }: PartPlan, { parts }: KitReport): string | null {
  const missing = needs.map((id) => parts.find((part) => part.id === id)).find((part) => part?.outcome !== 'pass')
  return missing === undefined ? null : `needs: ${missing.title}`
}

/** What a child says beside its reports; the last of it. */
function listen(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (piece: string) => {
      text = (text + piece).slice(-4000)
    })
  }
  return () => text
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Gone already.
  }
}

/** Whole or not at all, in the folder that was asked for and in $OUT where that is set. */
function writeReport(report: KitReport, { out }: Places): void {
  const { OUT } = process.env
  const texts = { 'report.json': `${JSON.stringify(report, null, 1)}\n`, 'report.md': toMarkdown(report) }
  writeWhole(out, texts)
  if (OUT === undefined || OUT === '' || OUT === out) return
  try {
    mkdirSync(OUT, { recursive: true })
    writeWhole(OUT, texts)
  } catch {
    // The report itself is where it was asked for.
  }
}

function writeWhole(folder: string, texts: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(texts)) {
    const draft = join(folder, `.${name}.part`)
    writeFileSync(draft, text)
    renameSync(draft, join(folder, name))
  }
}
