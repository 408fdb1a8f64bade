import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, type TestContext, test } from 'node:test'
import { NO_NVCC } from '../nvcc/fixture.ts'
import { CACHE } from '../support/cache.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { makeKit } from './make/kit.ts'
import { carry } from './make/programs.ts'
import { PARTS } from './there/plan.ts'
import type { KitReport } from './there/report.ts'

/** A few programs of every kind. */
const ONLY = '^(corpus/axpy|hostile/G2 writes where no memory is|wrong/W9 a launch over the limits|faulty/in bounds)$'
/** All that the bare system has. */
const TOOLS = ['sh', 'cat', 'chmod', 'cp', 'dirname', 'gzip', 'mkdir', 'mv', 'rm'] as const

/** A kit without a GPU to run on, or one for a stand-in. */
async function make(t: TestContext, { standIn }: { standIn: boolean }): Promise<string> {
  const out = join(await scratch(t), 'kit')
  const init = { out, archs: ['sm_90'], only: ONLY, node: true, cacheDir: CACHE, standIn }
  await makeKit(init, { signal: t.signal, tell: () => {} })
  return out
}

/** A system with a shell, a few tools and gzip, without a network: where the kit and the report's folder are shown. */
async function bareSystem(kit: string, out: string): Promise<string[]> {
  const programs = await Promise.all(TOOLS.map(async (name) => ({ name, path: await realpath(`/bin/${name}`) })))
  const libraries = new Set((await Promise.all(programs.map(async ({ path }) => (await carry(path)).paths))).flat())
  const root = process.getuid?.() === 0
  const folders = ['/bin', '/sys', ...[...libraries].flatMap((path) => foldersAbove(path))]
  return [
    ...['--unshare-net', '--unshare-pid', '--die-with-parent', '--clearenv', '--setenv', 'PATH', '/bin'],
    // Root of a machine, not of a jail.
    ...(root ? ['--cap-add', 'ALL'] : []),
    // Made without being asked for, they would be closed to others than root.
    ...[...new Set(folders)].flatMap((folder) => ['--perms', '0755', '--dir', folder]),
    ...programs.flatMap(({ name, path }) => ['--ro-bind', path, `/bin/${name}`]),
    ...[...libraries].flatMap((path) => ['--ro-bind', path, path]),
    ...['--proc', '/proc', '--dev', '/dev', '--perms', '1777', '--tmpfs', '/tmp'],
    ...['--ro-bind', kit, '/kit', '--bind', out, '/out'],
  ]
}

/** `/lib/x/y.so`: `/lib`, `/lib/x`. */
function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(1, -1)
  return parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}`)
}

interface Ended {
  code: number | null
  said: string
  report: KitReport
  text: string
}

/** Types `sh run.sh` there. `until` ends it the hard way as soon as it holds of what was said. */
async function run(t: TestContext, kit: string, seconds: number, until?: (said: string) => boolean): Promise<Ended> {
  const out = join(await scratch(t), 'out')
  mkdirSync(out)
  const args = [...(await bareSystem(kit, out)), '--', '/bin/sh', '/kit/run.sh', '--out', '/out', '--seconds', String(seconds)]
  const child = spawn('/usr/bin/bwrap', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      said += piece
      if (until?.(said) === true) child.kill('SIGKILL')
    })
  }
  const [code] = (await once(child, 'close')) as [number | null]
  assert.ok(existsSync(join(out, 'report.json')), said)
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as KitReport
  const drafts = (await readdir(out)).filter((name) => !name.startsWith('report.') && !name.endsWith('.part'))
  assert.deepEqual(drafts, [])
  return { code, said, report, text: readFileSync(join(out, 'report.md'), 'utf8') }
}

suite('the kit in a bare system', { skip: NO_NVCC, timeout: patience(300_000) }, () => {
  test('with a stand-in for CUDA every part runs, and none breaks; killed half-way there is a report, too', async (t) => {
    const kit = await make(t, { standIn: true })
    const { code, said, report, text } = await run(t, kit, patience(45))
    assert.equal(code, 1, said)
    assert.equal(report.finished, true)
    const ends = Object.fromEntries(report.parts.map(({ id, outcome }) => [id, outcome]))
    // Kernels do nothing: what rests on them fails, and is told row by row.
    const wanted = {
      ...{ machine: 'pass', jail: 'pass', gpu: 'pass', context: 'pass', plain: 'fail', hostile: 'fail', rate: 'left out' },
      ...{ isolated: 'fail', wrong: 'pass', sanitized: 'left out', races: 'left out', ways: 'pass', health: 'pass' },
    }
    assert.deepEqual(ends, wanted, text)
    assert.deepEqual(
      Object.keys(ends),
      PARTS.map(({ id }) => id),
    )
    for (const { id, outcome, why, rows } of report.parts.filter((part) => part.outcome === 'fail')) {
      assert.equal(why, '', `${id}: ${outcome}`)
      assert.ok(rows.length > 0, id)
    }
    const plain = report.parts.find(({ id }) => id === 'plain')
    assert.equal(plain?.figures.tests, 3)
    assert.match(text, /A stand-in played CUDA's runtime/)

    const cut = await run(t, kit, patience(45), (words) => words.includes('Contexts'))
    assert.equal(cut.report.finished, false)
    assert.match(cut.text, /A stand-in played|Not finished/)
  })
})
