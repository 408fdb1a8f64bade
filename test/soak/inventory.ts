import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { JAIL_ID } from '../../sandbox/jail/limits.ts'
import { leftBehind } from '../hostile/processes.ts'

/** What a process holds and has made on its machine; two of them can be compared. */
export interface Inventory {
  descriptors: number
  processes: number
  cgroups: number
  mounts: string[]
  /** Names in the folders for temporary files, and half-written products. */
  temporary: string[]
  heapBytes: number
  rssBytes: number
}

/** How much more memory is no leak: what the runtime keeps for itself, whether one program ran or a thousand. */
const HEAP_TOLERANCE_BYTES = 16 * 1024 ** 2
const RSS_TOLERANCE_BYTES = 96 * 1024 ** 2

export async function takeInventory(cacheDir: string): Promise<Inventory> {
  // What was closed has its turn, and what nobody holds is collected.
  await delay(50)
  collectGarbage()
  const { heapUsed, external, rss } = process.memoryUsage()
  return {
    descriptors: await openDescriptors(),
    processes: (await leftBehind(process.pid)).length,
    cgroups: await ownGroups(),
    mounts: (await readFile('/proc/self/mountinfo', 'utf8')).split('\n'),
    temporary: await temporaryNames(cacheDir),
    heapBytes: heapUsed + external,
    rssBytes: rss,
  }
}

/** What is there now and was not before, in words. */
export function leftOver(before: Inventory, after: Inventory): string[] {
  const counted = (['descriptors', 'processes', 'cgroups'] as const).flatMap((kind) =>
    after[kind] === before[kind] ? [] : [`${kind}: ${before[kind]} before, ${after[kind]} after`],
  )
  const mounts = after.mounts.filter((line) => !before.mounts.includes(line)).map((line) => `mount ${line}`)
  const files = after.temporary.filter((name) => !before.temporary.includes(name)).map((name) => `temporary file ${name}`)
  const heap = after.heapBytes - before.heapBytes
  const rss = after.rssBytes - before.rssBytes
  return [
    ...counted,
    ...mounts,
    ...files,
    ...(heap > HEAP_TOLERANCE_BYTES ? [`heap: ${mebibytes(heap)} MiB more`] : []),
    ...(rss > RSS_TOLERANCE_BYTES ? [`resident memory: ${mebibytes(rss)} MiB more`] : []),
  ]
}

export function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 ** 2)
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

async function openDescriptors(): Promise<number> {
  const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => null))
  return (await Promise.all(links)).filter((target) => target !== null).length
}

async function ownGroups(): Promise<number> {
  const groups = await readdir('/sys/fs/cgroup', { recursive: true }).catch(() => [])
  return groups.filter((entry) => basename(entry).startsWith(`kernelswarm-${process.pid}-`)).length
}

/**
 * Files in folders that others use as well, so only those that can be ours count: with our number in their name, of the
 * user that programs in a jail are, or called as hostile programs call theirs.
 */
async function temporaryNames(cacheDir: string): Promise<string[]> {
  const folders = [tmpdir(), homedir(), cacheDir, join(cacheDir, 'products'), join(cacheDir, 'equipment')]
  const names = await Promise.all(folders.map(async (folder) => (await readdir(folder)).map((name) => join(folder, name))))
  const ours = await Promise.all(names.flat().map(async (name) => ((await isOurs(name)) ? [name] : [])))
  return ours.flat()
}

const PROGRAMS_FILES = ['answer', 'at', 'folder', 'full', 'hard', 'hole', 'moved', 'output', 'product', 'root']

async function isOurs(path: string): Promise<boolean> {
  const name = basename(path)
  if (PROGRAMS_FILES.includes(name) || new RegExp(`(^|\\D)${process.pid}(\\D|$)`).test(name)) return true
  return await lstat(path).then(
    ({ uid }) => uid === JAIL_ID,
    () => false,
  )
}
