import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { filterFiles } from '../jail/filter/filters.ts'
import { allAtOnce } from './all-at-once.ts'
import { ask } from './ask.ts'
import { type BuildSettings, CPU_EXECUTORS, type SourceComposer } from './composer.ts'
import {
  diskFault,
  type FileEntry,
  filesBelow,
  hashOf,
  isDiskError,
  removeStale,
  settle,
  sweepTemporary,
  temporaryName,
  writeShared,
} from './folders.ts'
import { hasNeed } from './offered.ts'
import { headerFlags, type Means } from './unit-flags.ts'
import { SANDBOX_VERSION } from './version.ts'

/** What is prepared once for a compiler and the composer's headers, and kept in the cache folder. */
export interface Equipment extends Means {
  /** Names compiler, headers, flags and sandbox version: part of the key of everything compiled with them. */
  id: string
  /** Holds `launch`, `sample` and the filters of system calls. */
  folder: string
  /** The composer's headers, with the precompiled ones beside them. */
  include: string
}

export interface EquipmentParts {
  compiler: string
  /** Names the headers of the system that are precompiled with the composer's. */
  headers: string
  composer: SourceComposer
  cacheDir: string
  /** Compiles one of the composer's files in a jail that uses the launcher of that folder. */
  compile(equipment: Equipment, file: OwnFile): Promise<Uint8Array>
}

/** A file of the composer's folder, and what is made of it. */
export interface OwnFile {
  path: string
  as: 'header' | 'object'
  flags: readonly string[]
}

/** The launcher's sources. */
const JAIL = new URL('../jail/', import.meta.url)
const LAUNCHER = ['launch.cpp', 'watch.h'] as const

/** The file of the key, and its size. */
const SECRET = 'secret'
const SECRET_BYTES = 32
/** What is made beside what sources and builds say. */
const CONTENTS = ['launch', 'sample', SECRET]

/** A program that needs every library a test may need, to ask the loader where they are. */
const SAMPLE = '#include <iostream>\n#include <cmath>\nint main(int c, char **) { std::cout << std::sin(c); throw c; }\n'

/** The same, linked to the sanitizers too; there where they are. */
export const SANITIZED_SAMPLE = 'sample-sanitized'

/**
 * Finds the prepared folder, or makes it: beside its place, under a name of this process's, and moved there when whole,
 * so that several processes may start at once and one that is killed leaves nothing that is taken for whole.
 */
export async function prepareEquipment(parts: EquipmentParts): Promise<Equipment> {
  const sources = await readSources(parts)
  const shelf = join(parts.cacheDir, 'equipment')
  await mkdir(shelf, { recursive: true })
  await sweepTemporary(shelf)
  const known = await knownFlags(parts)
  const final = at(sources.id, join(shelf, sources.id), known)
  if (!(await exists(final.folder))) {
    const draft = at(sources.id, join(shelf, temporaryName(sources.id)), known)
    try {
      await make(draft, sources, parts)
      await settle(draft.folder, final.folder)
    } catch (error) {
      throw isDiskError(error) ? diskFault(shelf, error) : error
    } finally {
      await rm(draft.folder, { recursive: true, force: true })
    }
  }
  await utimes(final.folder, new Date(), new Date())
  await removeStale(shelf, sources.id)
  return { ...final, secret: await readFile(join(final.folder, SECRET)) }
}

interface Sources {
  id: string
  launcher: FileEntry[]
  filters: FileEntry[]
  headers: FileEntry[]
}

async function readSources({ compiler, headers: system, composer }: EquipmentParts): Promise<Sources> {
  const launcher = await Promise.all(LAUNCHER.map(async (path) => ({ path, bytes: await readFile(new URL(path, JAIL)) })))
  const filters = filterFiles()
  const headers = await filesBelow(composer.includeDir)
  const version = await ask(compiler, ['--version'])
  // What a folder holds is part of its name: one that an older version made lacks some of it.
  const settings = JSON.stringify([SANDBOX_VERSION, CONTENTS, compiler, system, composer.builds])
  const id = hashOf(
    version,
    settings,
    ...[...launcher, ...filters, ...headers].flatMap(({ path, bytes }) => [path, bytes]),
  ).slice(0, 32)
  return { id, launcher, filters, headers }
}

/** Asks the compiler about each flag that some build wants. */
async function knownFlags({ compiler, composer }: EquipmentParts): Promise<Set<string>> {
  const builds = CPU_EXECUTORS.flatMap((executor) => Object.values(composer.builds[executor]))
  const wanted = [...new Set(builds.flatMap((build) => build.wanted ?? []))]
  const asked = wanted.map(async (flag) => {
    const answer = await ask(compiler, [flag, '-E', '-x', 'c++', '/dev/null']).catch(() => null)
    return answer === null ? [] : [flag]
  })
  return new Set((await Promise.all(asked)).flat())
}

function at(id: string, folder: string, known: ReadonlySet<string>): Equipment {
  return { id, folder, include: join(folder, 'include'), known, secret: new Uint8Array() }
}

async function make(draft: Equipment, sources: Sources, parts: EquipmentParts): Promise<void> {
  const { composer, compiler } = parts
  await mkdir(draft.include, { recursive: true })
  await writeShared(draft.include, sources.headers)
  await writeShared(draft.folder, [...sources.launcher, { path: 'sample.cpp', bytes: Buffer.from(SAMPLE) }, ...sources.filters])
  await buildLauncher(compiler, draft.folder)
  await ask(compiler, ['-pthread', '-Wl,--no-as-needed', `${draft.folder}/sample.cpp`, '-lm', '-o', `${draft.folder}/sample`])
  if (hasNeed(composer, 'sanitizers')) {
    const flags = ['-fsanitize=address,undefined', '-pthread', '-Wl,--no-as-needed']
    await ask(compiler, [...flags, `${draft.folder}/sample.cpp`, '-lm', '-o', `${draft.folder}/${SANITIZED_SAMPLE}`])
  }
  await openToAll(draft.folder)
  await allAtOnce(compiling(draft, parts), availableParallelism())
  await openToAll(draft.folder)
  await writeFile(join(draft.folder, SECRET), randomBytes(SECRET_BYTES), { mode: 0o600 })
}

/** What is compiled of the composer's for each build: none needs another, and each writes a file of its own. */
function compiling(draft: Equipment, { composer, compiler, compile }: EquipmentParts): (() => Promise<void>)[] {
  const make = async (to: string, file: OwnFile) =>
    await writeShared(draft.include, [{ path: to, bytes: await compile(draft, file) }])
  return CPU_EXECUTORS.flatMap((executor) =>
    Object.entries(composer.builds[executor]).flatMap(([pass, settings]) => {
      const { prelude, runtime, loader } = settings
      const flags = headerFlags(settings, draft)
      // Several under one header: the compiler takes the one that was made with its flags.
      const header = async () => await make(`${prelude}.gch/${executor}-${pass}.gch`, { path: prelude, as: 'header', flags })
      return [
        header,
        ...(runtime === undefined ? [] : [async () => await make(runtime.file, { path: runtime.source, as: 'object', flags })]),
        ...(loader === undefined ? [] : [async () => await buildLoader(compiler, draft, loader)]),
      ]
    }),
  )
}

/** Our own text, so it is compiled outside of any jail. Old C libraries have what loads in a library of its own. */
async function buildLoader(compiler: string, draft: Equipment, loader: NonNullable<BuildSettings['loader']>): Promise<void> {
  const { file, source, flags } = loader
  await ask(compiler, [...flags, join(draft.include, source), '-o', join(draft.folder, file), '-ldl'])
}

/** Linked statically it needs nothing in the jail; where there is no static C library, it needs what programs need. */
async function buildLauncher(compiler: string, folder: string): Promise<void> {
  const args = ['-std=c++17', '-O1', `${folder}/launch.cpp`, '-o', `${folder}/launch`]
  try {
    await ask(compiler, ['-static', ...args])
  } catch {
    await ask(compiler, args)
  }
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() || !entry.name.includes('.') ? 0o755 : 0o644)
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}
