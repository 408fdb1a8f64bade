import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { realpath, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'

const MAIN = fileURLToPath(new URL('../../bin/main.ts', import.meta.url))
/** A device in the place of a program: there, and not to be executed. */
const hide = (path: string) => ['--ro-bind', '/dev/null', path]

test('the doctor works, and says what to type, where bubblewrap and g++ are missing', {
  timeout: patience(30_000),
}, async (t) => {
  const home = await scratch(t)
  const hidden = await Promise.all(['/usr/bin/bwrap', '/usr/bin/g++'].map((path) => realpath(path)))
  const args = [
    '--dev-bind',
    '/',
    '/',
    ...hidden.flatMap(hide),
    process.execPath,
    MAIN,
    'node',
    'doctor',
    '--json',
    '--data',
    home,
  ]
  await writeFile(join(home, 'preferences.yaml'), 'idle:\n  gpus: true\n')
  const { code, stdout, stderr } = await run('bwrap', args, home)
  assert.equal(stderr, '')
  assert.equal(code, 1)
  const report = JSON.parse(stdout)
  assert.deepEqual([report.ok, report.selfTest, report.limits], [false, [], null])
  const lacks = report.checks.filter(({ state }: { state: string }) => state === 'lack')
  assert.deepEqual(
    lacks.map(({ name }: { name: string }) => name),
    ['bubblewrap', 'user namespaces', 'g++', 'preferences'],
  )
  assert.match(lacks[3].says, /preferences\.yaml, line 2, field idle\.gpus: no such field; is gpu meant\?/)
  assert.ok(report.checks[1].remedy.length > 0)
})

function run(file: string, args: string[], home: string): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const env = { ...process.env, HOME: home, XDG_CACHE_HOME: `${home}/cache` }
  return new Promise((resolve) => {
    execFile(file, args, { env }, (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }))
  })
}
