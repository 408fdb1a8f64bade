/**
 * The long form of what `audit.test.ts` samples: changes bytes of an archive, one at a time, and audits each.
 *
 *     npm run soak:audit -- ARCHIVE                every byte, each turned into another one of chance
 *     npm run soak:audit -- ARCHIVE --samples N    N bytes, spread evenly over the file
 *     npm run soak:audit -- ARCHIVE --seed S
 *
 * Exit code 1 when a change was not found.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { audit } from '../../coordinator/index.ts'
import { seeded } from '../support/seeded.ts'
import { flips, sampled } from './flips.ts'

/** What the changed byte was of, in what the audit says. */
const WHAT = /header|root|manifest|list \d+ of \w+|program|repeat|verdict|output/

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { samples: { type: 'string' }, seed: { type: 'string', default: '1' } },
})
const [archive = ''] = positionals
const bytes = await readFile(archive)
const whole = await audit(archive, { key: null, onProgress: () => {} })
if (!whole.holds) throw new Error(`${archive}: ${whole.failure?.what}`)
const random = seeded(Number(values.seed))
const count = values.samples === undefined ? bytes.length : Number(values.samples)
const folder = await mkdtemp(join(tmpdir(), 'kernelswarm-audit-'))
const kinds = new Map<string, number>()
let missed = 0
let done = 0
for await (const { at, from, to, said } of flips(folder, bytes, sampled(bytes.length, count, random))) {
  done++
  if (said === null) {
    missed++
    process.stdout.write(`byte ${at}, ${from} -> ${to}: not found\n`)
  }
  const kind = said === null ? 'not found' : (WHAT.exec(said)?.[0] ?? said)
  kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  if (done % 5_000 === 0) process.stderr.write(`${done} of ${count}\n`)
}
await rm(folder, { recursive: true })
for (const [kind, times] of [...kinds].sort(([, a], [, b]) => b - a).slice(0, 20)) process.stdout.write(`${times}  ${kind}\n`)
process.stdout.write(`${JSON.stringify({ archive, bytes: bytes.length, changed: done, found: done - missed, missed })}\n`)
if (missed > 0) process.exitCode = 1
