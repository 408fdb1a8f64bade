import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { Places, Turns } from '../../sandbox/gpu/turns.ts'
import { runChild } from '../../sandbox/jail/child.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'

const never = { signal: new AbortController().signal }
const TURNS = new URL('../../sandbox/gpu/turns.ts', import.meta.url).href

suite('turns on a GPU', { timeout: patience(60_000) }, () => {
  test('one at a time, in the order they came, and nothing is left behind', async (t) => {
    const folder = await scratch(t)
    const turns = new Turns(join(folder, 'gpu.lock'))
    const told: string[] = []
    const one = async (name: string) => {
      const leave = await turns.take(never)
      told.push(`${name} begins`)
      await new Promise((resolve) => setImmediate(resolve))
      told.push(`${name} ends`)
      await leave()
    }
    await Promise.all(['a', 'b', 'c'].map(one))
    assert.deepEqual(told, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
    assert.deepEqual(await readdir(folder), [])
  })

  test('who is aborted while waiting holds nobody up', async (t) => {
    const turns = new Turns(join(await scratch(t), 'gpu.lock'))
    const leave = await turns.take(never)
    const aborted = new AbortController()
    const waits = turns.take({ signal: aborted.signal })
    const next = turns.take(never)
    aborted.abort(new Error('no more'))
    await assert.rejects(waits, /no more/)
    await leave()
    await (await next)()
  })

  test('a process waits for another process', async (t) => {
    const file = join(await scratch(t), 'gpu.lock')
    const turns = new Turns(file)
    const leave = await turns.take(never)
    const script = `import { Turns } from '${TURNS}'
      const leave = await new Turns(process.argv[1]).take({ signal: new AbortController().signal })
      process.stdout.write('mine')
      await leave()`
    let mine = false
    const child = runChild(
      {
        file: process.execPath,
        args: ['--input-type=module', '-e', script, file],
        env: {},
        inputs: new Map(),
        outputs: [
          { fd: 1, maxBytes: 100, whenFull: 'stop', onData: () => (mine = true) },
          { fd: 2, maxBytes: 2000, whenFull: 'stop' },
        ],
        wallMs: patience(50_000),
      },
      never,
    )
    // It has come so far as to have written its name down.
    while ((await readdir(join(file, '..'))).length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.equal(mine, false)
    await leave()
    const { code, outputs } = await child
    assert.deepEqual([code, String(outputs.get(1))], [0, 'mine'], String(outputs.get(2)))
  })

  const DEAD = [
    { id: 'is no more', held: '4194303 1' },
    { id: 'had that number before', held: `${process.pid} 1` },
    { id: 'cannot be read', held: 'nonsense' },
  ]
  for (const { id, held } of DEAD) {
    test(`the turn of a process that ${id} is over`, async (t) => {
      const file = join(await scratch(t), 'gpu.lock')
      await writeFile(file, held)
      const leave = await new Turns(file).take(never)
      assert.match(await readFile(file, 'utf8'), new RegExp(`^${process.pid} \\d+$`))
      await leave()
    })
  }

  test('places: so many at once, the next when one leaves, none lost by an abort', async () => {
    const places = new Places(1)
    const leave = await places.enter(never)
    const aborted = new AbortController()
    const waits = places.enter({ signal: aborted.signal })
    let come = false
    const next = places.enter(never).then((free) => {
      come = true
      return free
    })
    aborted.abort(new Error('no more'))
    await assert.rejects(waits, /no more/)
    assert.equal(come, false)
    leave()
    leave()
    const free = await next
    const again = places.enter(never)
    free()
    ;(await again)()
  })
})
