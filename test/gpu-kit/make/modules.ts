import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PackedFile } from './archive.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const RECORDER = fileURLToPath(new URL('recorder.ts', import.meta.url))
const PACKAGES = 'node_modules/'

/**
 * All files that modules load, theirs and packages', by loading them: each at its place below the project's folder. Packages
 * keep their `package.json`, by which they are found. Copied like this they are three megabytes; nothing has to be bundled.
 */
export async function moduleFiles(entries: readonly string[]): Promise<PackedFile[]> {
  await using scratch = await mkdtempDisposable(join(tmpdir(), 'kernelswarm-kit-'))
  const list = join(scratch.path, 'modules.json')
  const program = entries.map((entry) => `await import(${JSON.stringify(join(ROOT, entry))})`).join('\n')
  const args = ['--import', RECORDER, '--input-type=module', '-e', program]
  const { status, stderr } = spawnSync(process.execPath, args, { env: { ...process.env, KIT_MODULES: list, KIT_LOAD_ONLY: '1' } })
  if (status !== 0) throw new Error(`the modules of the kit do not load: ${stderr}`)
  const loaded = JSON.parse(await readFile(list, 'utf8')) as string[]
  const manifests = new Set(loaded.flatMap(manifestsAbove))
  const files = [...new Set([...loaded, ...manifests])].filter((file) => file !== RECORDER).sort()
  return await Promise.all(files.map(async (file) => ({ path: placeOf(file), bytes: await readFile(file) })))
}

/** Below the project's folder; packages may lie elsewhere and be linked to. */
function placeOf(file: string): string {
  const at = file.indexOf(PACKAGES)
  return at >= 0 ? file.slice(at) : relative(ROOT, file)
}

/** The manifests of the package a file belongs to: those between it and the folder of all packages. */
function manifestsAbove(file: string): string[] {
  if (!file.includes(PACKAGES)) return []
  const found: string[] = []
  for (let folder = dirname(file); !folder.endsWith('/node_modules'); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json')
    if (existsSync(manifest)) found.push(manifest)
    if (existsSync(manifest) && 'name' in (JSON.parse(readFileSync(manifest, 'utf8')) as object)) break
  }
  return found
}
