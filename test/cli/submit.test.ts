import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { writeCases } from '../support/cases.ts'
import { Daemon, kernelswarm } from '../support/command.ts'
import { scratch } from '../support/scratch.ts'
import { stableIn } from '../support/stable.ts'
import { TestSwarm } from '../support/swarm.ts'

/** One vote a task, plain runs only: these tests are about what is sent and shown. */
const TERMS = ['--replicas', '1', '--quorum', '1', '--rule', 'compat', '--passes', 'none']
/** Some batches of cases. */
const CASES = 260

/** Does something once, when so many batches of cases have come, before the last of them is acknowledged. */
function atBatch(swarm: TestSwarm, number: number, use: () => void): void {
  let seen = 0
  swarm.coordinator.ledger.changes.on('change', ({ t }) => {
    if (t === 'cases-added' && ++seen === number) use()
  })
}

const eventsOf = (lines: readonly string[]) =>
  lines.map((text) => JSON.parse(text) as { event: string; [field: string]: unknown })

async function started(t: TestContext): Promise<{ home: string; swarm: TestSwarm; at: string[] }> {
  const home = await scratch(t)
  const swarm = await TestSwarm.start(t, home)
  return { home, swarm, at: ['--coordinator', swarm.address] }
}

describe('kernelswarm submit', { timeout: 300_000 }, () => {
  it('killed in the middle of sending and typed again, comes to the same bytes as one that was not', async (t) => {
    const { home, swarm, at } = await started(t)
    const file = await writeCases(join(home, 'cases.jsonl'), CASES)
    const args = ['submit', file, ...at, ...TERMS, '--json']
    const first = new Daemon(t, home, [...args, '--watch'])
    atBatch(swarm, 3, () => first.child.kill('SIGKILL'))
    await first.ended
    const [half] = JSON.parse((await kernelswarm(t, home, ['round', 'list', ...at, '--json'])).stdout)
    assert.equal(half.state, 'open')
    assert.ok(half.cases > 0 && half.cases < CASES, `${half.cases} cases`)

    await swarm.addNode('node')
    const second = await kernelswarm(t, home, [...args, '--out', 'killed'])
    assert.equal(second.code, 0, second.stderr)
    assert.equal(JSON.parse(second.stdout).round, half.round)
    const whole = await kernelswarm(t, home, [...args, '--again', '--out', 'undisturbed'])
    assert.equal(whole.code, 0, whole.stderr)
    assert.notEqual(JSON.parse(whole.stdout).round, half.round)
    assert.deepEqual(await stableIn(join(home, 'killed')), await stableIn(join(home, 'undisturbed')))
  })

  it('goes on by itself where the coordinator is restarted, while it sends and while it watches', async (t) => {
    const { home, swarm, at } = await started(t)
    const file = await writeCases(join(home, 'cases.jsonl'), CASES)
    let again: Promise<void> = Promise.resolve()
    atBatch(swarm, 2, () => (again = swarm.restartCoordinator()))
    const submit = new Daemon(t, home, ['submit', file, ...at, ...TERMS, '--watch', '--json'])
    await submit.line(/"event":"progress"/)
    await again
    await swarm.restartCoordinator()
    const waiting = kernelswarm(t, home, ['round', 'wait', JSON.parse((await submit.line(/"submitted"/)).input).round, ...at])
    await swarm.addNode('node')
    assert.equal(await submit.ended, 0)
    assert.equal((await waiting).code, 0)
    const events = eventsOf(submit.lines)
    const kinds = events.map(({ event }) => event).filter((event) => event === 'away' || event === 'back')
    assert.deepEqual(kinds, ['away', 'back', 'away', 'back'])
    assert.deepEqual([events[0]?.event, events[0]?.cases], ['checked', CASES])
    const last = events.at(-1)
    assert.deepEqual([last?.event, last?.state], ['ended', 'aggregated'])
  })

  it('takes a file, its gzip form and standard input for the same cases, and leaves nothing behind', async (t) => {
    const { home, at } = await started(t)
    const file = await writeCases(join(home, 'cases.jsonl'), 3)
    await writeFile(join(home, 'cases.jsonl.gz'), gzipSync(await readFile(file)))
    const round = async (args: string[], input?: Buffer) => {
      const ran = await kernelswarm(t, home, ['submit', ...args, ...at, ...TERMS, '--json'], input === undefined ? {} : { input })
      assert.equal(ran.code, 0, ran.stderr)
      return JSON.parse(ran.stdout).round as string
    }
    const plain = await round([file])
    assert.equal(await round(['cases.jsonl.gz']), plain)
    for (const input of [await readFile(file), gzipSync(await readFile(file))]) {
      assert.equal(await round(['-', '--name', 'cases.jsonl'], input), plain)
    }
    assert.notEqual(await round([file, '--again']), plain)
    const left = await readdir(home, { recursive: true })
    assert.deepEqual(
      left.filter((name) => name.endsWith('.spool')),
      [],
    )
    const bad = await kernelswarm(t, home, ['submit', '-', ...at], { input: Buffer.from('{oops\n') })
    assert.equal(bad.code, 2)
    assert.match(bad.stderr, /^kernelswarm: standard input, line 1: not a JSON object/)
  })

  it('--estimate sends nothing, says when nothing is known, and then what such a round came to', async (t) => {
    const { home, swarm, at } = await started(t)
    const file = await writeCases(join(home, 'cases.jsonl'), 6)
    const first = await kernelswarm(t, home, ['submit', file, ...at, ...TERMS, '--estimate'])
    assert.equal(first.code, 0, first.stderr)
    assert.match(first.stdout, /^programs +12 after sharing, of 12: 6 C\+\+, 6 CUDA$/m)
    assert.match(first.stdout, /^tasks +12 to 12$/m)
    assert.match(first.stdout, /^cost +not known: no case of such a round .* has been judged here yet$/m)
    assert.equal((await kernelswarm(t, home, ['round', 'list', ...at, '--json'])).stdout, '[]\n')

    await swarm.addNode('node')
    const done = await kernelswarm(t, home, ['submit', file, ...at, ...TERMS, '--watch', '--json'])
    assert.equal(done.code, 0, done.stderr)
    const double = `${await readFile(file, 'utf8')}${await readFile(file, 'utf8')}`
    await writeFile(join(home, 'double.jsonl'), double)
    const second = await kernelswarm(t, home, ['submit', 'double.jsonl', ...at, ...TERMS, '--estimate', '--json'])
    const made = JSON.parse(second.stdout)
    assert.deepEqual([made.cases, made.programs, made.replicas, made.verdicts], [12, { cpp: 6, cuda: 6 }, 1, 12])
    assert.deepEqual(made.tasks, { plain: 12, strict: 0, atMost: 12 })
    const cpuMs = made.figures.kinds.reduce((sum: number, kind: { cpuMs: number }) => sum + kind.cpuMs, 0)
    assert.ok(Math.abs(made.cpuHours * 3_600_000 - cpuMs) < 1, 'the same programs cost the same again')
    assert.ok(made.figures.nodes === 1 && made.figures.slots >= 1)
  })
})

describe('kernelswarm round wait', { timeout: 120_000 }, () => {
  it('ends with 1 where the round does not finish, and with 2 where there is none', async (t) => {
    const { home, at } = await started(t)
    const file = await writeCases(join(home, 'cases.jsonl'), 2)
    const { round } = JSON.parse((await kernelswarm(t, home, ['submit', file, ...at, ...TERMS, '--json'])).stdout)
    const wait = async (...args: string[]) => await kernelswarm(t, home, ['round', 'wait', ...args, ...at])
    const late = await wait(round, '--timeout', '8', '--json')
    assert.equal(late.code, 1)
    assert.match(late.stderr, new RegExp(`not ended within 8 s; the round goes on; come back with: .* round watch ${round} `))
    // On a machine that is slow enough the time is over before anything was heard.
    if (late.stdout !== '') assert.equal(JSON.parse(late.stdout).state, 'verifying')
    assert.equal((await wait('bafyreinone')).code, 2)

    const watching = new Daemon(t, home, ['round', 'watch', round, ...at, '--json'])
    await watching.line(/"event":"progress"/)
    watching.child.kill('SIGINT')
    assert.equal(await watching.ended, 1)
    await watching.line(new RegExp(`stopped by SIGINT; the round goes on; come back with: .*round watch ${round}`))

    const waiting = wait(round)
    await kernelswarm(t, home, ['round', 'cancel', round, ...at])
    const cancelled = await waiting
    assert.equal(cancelled.code, 1)
    assert.match(cancelled.stderr, /cancelled/)
  })
})
