import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { OpenJail } from '../../../sandbox/executor/open.ts'
import { filterFiles } from '../../../sandbox/jail/filter/filters.ts'
import { ask } from '../../../sandbox/toolchain/ask.ts'
import type { PackedFile } from './archive.ts'

const PROBE = fileURLToPath(new URL('../there/probe.cpp', import.meta.url))

/** The sandbox's prepared programs, as this machine made them, and the kit's own probe. Statically linked, or loaded with the kit's libraries. */
export async function equipmentFiles({ equipment, toolchain }: OpenJail): Promise<PackedFile[]> {
  const launcher = { path: 'equipment/launch', bytes: await readFile(join(equipment.folder, 'launch')), executable: true }
  const filters = filterFiles().map(({ path, bytes }) => ({ path: `equipment/${path}`, bytes }))
  return [launcher, ...filters, { path: 'equipment/probe', bytes: await probe(toolchain.compiler), executable: true }]
}

async function probe(compiler: string): Promise<Buffer> {
  await using scratch = await mkdtempDisposable(join(tmpdir(), 'kernelswarm-kit-'))
  const file = join(scratch.path, 'probe')
  await ask(compiler, ['-std=c++17', '-O1', '-static', '-s', PROBE, '-o', file])
  return await readFile(file)
}
