import assert from 'node:assert/strict'
import { chmod, cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, type TestContext, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { allAtOnce } from '../../sandbox/toolchain/all-at-once.ts'
import { type EquipmentParts, type OwnFile, prepareEquipment } from '../../sandbox/toolchain/equipment.ts'
import { filesBelow } from '../../sandbox/toolchain/folders.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { plainComposer } from './stand-in.ts'

/** A machine whose compiler, headers and flags are what a row says. What is made in jails is only noted here. */
interface Machine extends EquipmentParts {
  made: OwnFile[]
  compilerSays(version: string): Promise<void>
}

async function machine(t: TestContext): Promise<Machine> {
  const folder = await scratch(t)
  const compiler = join(folder, 'compiler')
  const compilerSays = async (version: string) => {
    await writeFile(compiler, `#!/bin/sh\n[ "$1" = --version ] && exec echo '${version}'\nexec g++ "$@"\n`)
    await chmod(compiler, 0o755)
  }
  await compilerSays('g++ 1.0')
  const includeDir = join(folder, 'include')
  await cp(plainComposer.includeDir, includeDir, { recursive: true })
  const made: OwnFile[] = []
  const compile = async (_: unknown, file: OwnFile) => {
    made.push(file)
    return Buffer.from(`made of ${file.path}`)
  }
  const composer = { ...plainComposer, includeDir }
  return { compiler, headers: 'of the system', composer, cacheDir: join(folder, 'cache'), compile, made, compilerSays }
}

/** What changes on a machine, each of which makes all that was compiled worthless. */
const CHANGES: { id: string; change: (parts: Machine) => Promise<EquipmentParts> }[] = [
  {
    id: 'the compiler says another version',
    change: async (parts) => {
      await parts.compilerSays('g++ 1.1')
      return parts
    },
  },
  { id: 'headers of the system are others', change: async (parts) => ({ ...parts, headers: 'others' }) },
  {
    id: 'a header of ours holds something else',
    change: async (parts) => {
      await writeFile(join(parts.composer.includeDir, 'plain.h'), '// another\n')
      return parts
    },
  },
  {
    id: 'a build has another flag',
    change: async (parts) => {
      const { builds } = parts.composer
      const host = { plain: { prelude: 'plain.h', flags: ['-std=c++17', '-O1'] } }
      return { ...parts, composer: { ...parts.composer, builds: { ...builds, host } } }
    },
  },
]

suite('what is prepared once', { timeout: patience(120_000) }, () => {
  test('is found again where nothing has changed', async (t) => {
    const parts = await machine(t)
    const first = await prepareEquipment(parts)
    const made = parts.made.length
    assert.ok(made > 0)
    const again = await prepareEquipment(parts)
    assert.equal(again.id, first.id)
    assert.deepEqual(again.secret, first.secret)
    assert.equal(parts.made.length, made)
  })

  for (const { id, change } of CHANGES) {
    test(`is made again, under another name, when ${id}`, async (t) => {
      const parts = await machine(t)
      const before = await prepareEquipment(parts)
      const made = parts.made.length
      const after = await prepareEquipment(await change(parts))
      assert.notEqual(after.id, before.id)
      assert.equal(parts.made.length, 2 * made)
    })
  }

  test('is whole when several make it at once, and nothing else is left', async (t) => {
    const parts = await machine(t)
    const [one, other] = await Promise.all([prepareEquipment(parts), prepareEquipment(parts)])
    assert.equal(one.folder, other.folder)
    assert.deepEqual(one.secret, other.secret)
    assert.deepEqual(await readdir(join(parts.cacheDir, 'equipment')), [one.id])
    const names = (await filesBelow(one.folder)).map(({ path }) => path)
    for (const name of ['launch', 'sample', 'secret', 'include/plain.h.gch/host-plain.gch']) assert.ok(names.includes(name), name)
    assert.equal(String(await readFile(join(one.include, 'plain.h.gch/host-plain.gch'))), 'made of plain.h')
  })

  test('is not there when one part of it could not be made', async (t) => {
    const parts = await machine(t)
    const compile = async () => await Promise.reject(new Error('no room'))
    await assert.rejects(prepareEquipment({ ...parts, compile }), /no room/)
    assert.deepEqual(await readdir(join(parts.cacheDir, 'equipment')), [])
  })
})

suite('tasks that run at once', () => {
  test('no more than so many, each once, in their order', async () => {
    let running = 0
    let most = 0
    const done: number[] = []
    const tasks = Array.from({ length: 10 }, (_, at) => async () => {
      most = Math.max(most, ++running)
      await turn()
      running--
      done.push(at)
    })
    await allAtOnce(tasks, 3)
    assert.equal(most, 3)
    assert.deepEqual(done, [...tasks.keys()])
  })

  test('after one that fails none is begun, and those under way come to their end', async () => {
    const begun: number[] = []
    const ended: number[] = []
    const tasks = Array.from({ length: 10 }, (_, at) => async () => {
      begun.push(at)
      await turn()
      if (at === 1) throw new Error(`task ${at}`)
      await turn()
      ended.push(at)
    })
    await assert.rejects(allAtOnce(tasks, 3), /task 1/)
    assert.ok(begun.length < tasks.length)
    assert.deepEqual(
      ended,
      begun.filter((at) => at !== 1),
    )
  })
})
