import { spawnSync } from 'node:child_process'
import { mkdtempDisposable, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { PackedFile } from './archive.ts'

/** A program of this machine as the kit carries it: with the libraries it is started with, and their loader. */
export interface CarriedProgram {
  bytes: Buffer
  libraries: Map<string, Buffer>
  /** Where those are here. */
  paths: string[]
}

const LOADER = /^ld-linux|^ld-musl|^ld64/

/** @throws Error where it is linked against what is not there */
export async function carry(program: string): Promise<CarriedProgram> {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } })
  if (/not found/.test(stdout)) throw new Error(`${program} lacks libraries here: ${stdout}`)
  const paths = [...stdout.matchAll(/(\/\S+) \(0x[0-9a-f]+\)/g)].map(([, path = '']) => path)
  const libraries = new Map<string, Buffer>()
  for (const path of paths) libraries.set(basename(path), await readFile(await realpath(path)))
  return { bytes: await readFile(await realpath(program)), libraries, paths }
}

/** The dynamic loader among libraries. */
export function loaderOf(libraries: Iterable<string>): string {
  const name = [...libraries].find((one) => LOADER.test(one))
  if (name === undefined) throw new Error('no dynamic loader among the libraries')
  return name
}

/**
 * Node without its table of symbols, which is a seventh of it. gzip, because that is what the barest machine can unpack; all that
 * is unpacked by Node itself is packed better. Kept in the cache folder.
 */
export async function packedNode(node: string, cacheDir: string): Promise<Buffer> {
  const { size, mtimeMs } = await stat(node)
  const kept = join(cacheDir, `node-${process.version}-${size}-${Math.floor(mtimeMs)}.gz`)
  const known = await readFile(kept).catch(() => null)
  if (known !== null) return known
  const packed = await pack(node)
  const draft = `${kept}-${process.pid}`
  await writeFile(draft, packed)
  await rename(draft, kept)
  return packed
}

async function pack(node: string): Promise<Buffer> {
  await using scratch = await mkdtempDisposable(join(tmpdir(), 'kernelswarm-kit-'))
  const stripped = join(scratch.path, 'node')
  const { status } = spawnSync('strip', ['-o', stripped, node])
  return gzipSync(await readFile(status === 0 ? stripped : node), { level: 9 })
}

/** Libraries as files of the kit, each by itself, since a bare machine may have no tar. */
export function packedLibraries(libraries: ReadonlyMap<string, Buffer>): PackedFile[] {
  return [...libraries].map(([name, bytes]) => ({ path: `lib/${name}.gz`, bytes: gzipSync(bytes, { level: 9 }) }))
}
