import { readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mount } from '../jail/policy.ts'
import { ask } from '../toolchain/ask.ts'
import { find } from '../toolchain/find.ts'

/** Where the driver's libraries stand inside a jail. */
export const DRIVER_AT = '/driver'

/** Libraries of the driver that CUDA programs come to load, by the beginning of their names. Nothing that draws, encodes or manages. */
export const DRIVER_LIBRARIES: readonly { name: string; reason: string }[] = [
  { name: 'libcuda.so', reason: 'the driver itself, as a program sees it' },
  { name: 'libcudadebugger.so', reason: 'asked for by libcuda where compute-sanitizer watches' },
  { name: 'libnvidia-ptxjitcompiler.so', reason: 'compiles PTX that a program brings beside machine code' },
  { name: 'libnvidia-nvvm.so', reason: 'the same for code that is linked at load time' },
  { name: 'libnvidia-gpucomp.so', reason: 'what those two are made of since driver 550' },
  { name: 'libnvidia-ml.so', reason: 'compute-sanitizer asks it which GPU it has' },
]

/** Containers, distributions, Windows' Linux; the loader's own list comes first. */
const PLACES = [
  '/usr/local/nvidia/lib64',
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/x86_64-linux-gnu/nvidia/current',
  '/usr/lib64',
  '/usr/lib64/nvidia',
  '/usr/lib',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib/wsl/lib',
  '/run/opengl-driver/lib',
] as const

/** What `libcuda.so.1` is called by whoever loads it. */
const LIBCUDA = 'libcuda.so.1'

/** The driver's libraries as a jail shows them; empty where there is no libcuda. All come from one folder, for they must be of one version. */
export async function driverLibraries(places: readonly string[] = PLACES): Promise<Mount[]> {
  const known = parseLinkerCache(await linkerCache())
  for (const folder of [...new Set([...known, ...places])]) {
    const names: string[] = await readdir(folder).catch(() => [])
    if (!names.includes(LIBCUDA)) continue
    const wanted = names.filter((name) => DRIVER_LIBRARIES.some((one) => name.startsWith(`${one.name}.`)))
    const mounts = await Promise.all(wanted.sort().map((name) => shown(folder, name)))
    return mounts.flat()
  }
  return []
}

/** A link is shown as the file it leads to: some name a library by its soname, some by its version. */
async function shown(folder: string, name: string): Promise<Mount[]> {
  const path = await realpath(join(folder, name)).catch(() => null)
  return path === null ? [] : [{ kind: 'shown', path, at: `${DRIVER_AT}/${name}` }]
}

async function linkerCache(): Promise<string> {
  const ldconfig = (await find('ldconfig')) ?? '/sbin/ldconfig'
  return await ask(ldconfig, ['-p']).catch(() => '')
}

/** Folders in which the loader knows libcuda for this processor, from lines `libcuda.so.1 (libc6,x86-64) => /usr/lib/.../libcuda.so.1`. */
export function parseLinkerCache(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [, kind, folder] = /^\s*libcuda\.so\.1 \(([^)]*)\) => (\/.*)\/libcuda\.so\.1$/.exec(line) ?? []
    return folder !== undefined && /x86-64|AArch64/i.test(kind ?? '') ? [folder] : []
  })
}
