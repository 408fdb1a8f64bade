import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable, readdir, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { BUILDS, compose, INCLUDE_DIR } from '../../sandbox/source/compose.ts'
import type { Attack } from './attack.ts'
import type { Bait } from './bait.ts'

/** Bounds of a program outside the jail: a flood is stopped here, and counts as harm. */
const FLOOD_BYTES = 4 * 1024 ** 2
const PATIENCE_MS = 30_000
/** How long a program is watched that is to be deaf to SIGTERM. */
const DEAF_MS = 300
/** How long news of harm may take. */
const NEWS_MS = 3_000

/** Headers are the slowest part of a compile; the sandbox's precompiled ones serve here too. */
async function includeFolder(cacheDir: string): Promise<string> {
  const shelf = join(cacheDir, 'equipment')
  const folders = (await readdir(shelf)).map((name) => join(shelf, name, 'include'))
  const usable = await Promise.all(
    folders.map(async (folder) => ({
      folder,
      age: await stat(join(folder, 'emulated.h.gch')).then(
        (found) => found.mtimeMs,
        () => 0,
      ),
    })),
  )
  return usable.filter(({ age }) => age > 0).sort((a, b) => b.age - a.age)[0]?.folder ?? INCLUDE_DIR
}

/** What a program outside the jail said, and what became of it. */
interface Outside {
  said: string
  deaf: boolean
}

/** Compiles the same text by a plain g++ and runs its tests one after the other, with no jail around either. */
async function runOutside(
  attack: Attack,
  bait: Bait,
  { cacheDir, folder }: { cacheDir: string; folder: string },
): Promise<Outside> {
  const executor = attack.side === 'cpp' ? 'host' : 'emulated'
  const { code, wrapper = '', tests } = attack
  const program = {
    v: 1 as const,
    side: attack.side,
    code: bait.name(code),
    wrapper: bait.name(wrapper),
    tests: tests.map((text) => bait.name(text)),
  }
  const unit = compose(program, executor, 'plain')
  if (unit.kind === 'unsupported') return { said: '', deaf: false }
  const source = join(folder, 'program.cpp')
  await writeFile(source, unit.text)
  const product = `${source}.run`
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', KERNELSWARM_BAIT: bait.secret }
  const options = { cwd: bait.folder, env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] as ('ignore' | 'pipe')[] }
  const { flags = [], runtime } = BUILDS[executor].plain ?? {}
  const sources = [source, ...(runtime === undefined ? [] : [join(INCLUDE_DIR, runtime.source)])]
  const args = [`-I${await includeFolder(cacheDir)}`, ...flags, '-o', product, ...sources]
  const compiled = await watch(spawn('g++', args, options))
  if (compiled.code !== 0) return { said: compiled.said, deaf: false }
  const runs: Outside[] = []
  for (const index of tests.keys())
    runs.push(await watch(spawn(product, [String(index)], { ...options, detached: true }), attack))
  return { said: runs.map(({ said }) => said).join('\n'), deaf: runs.some(({ deaf }) => deaf) }
}

/** Reads what a process says, up to a bound, and sees it to its end. */
async function watch(child: ChildProcess, attack?: Attack): Promise<Outside & { code: number | null }> {
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('latin1').on('data', (piece: string) => {
      if (said.length < FLOOD_BYTES) said += piece
      else child.kill('SIGKILL')
    })
  }
  const clock = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  // What is left behind keeps the pipes open, so the end of the process is waited for and not theirs.
  const ended = once(child, 'exit')
  const deaf = attack?.control.outside === 'runs on' && (await isDeaf(child))
  if (deaf) child.kill('SIGKILL')
  const [code] = (await ended) as [number | null]
  clearTimeout(clock)
  await delay(20)
  for (const stream of child.stdio) stream?.destroy()
  return { said: said.length >= FLOOD_BYTES ? `ESCAPED a flood\n` : said, deaf, code }
}

async function isDeaf(child: ChildProcess): Promise<boolean> {
  await delay(DEAF_MS)
  child.kill('SIGTERM')
  await delay(DEAF_MS)
  return child.exitCode === null && child.signalCode === null
}

/** Whether the attack works where there is no jail. */
export async function worksOutside(attack: Attack, bait: Bait, cacheDir: string): Promise<boolean> {
  // Beside the folder it works in, where every file that it makes counts as harm.
  await using place = await mkdtempDisposable(join(tmpdir(), 'kernelswarm-control-'))
  const { said, deaf } = await runOutside(attack, bait, { cacheDir, folder: place.path })
  if (attack.control.outside === 'runs on') return deaf
  // The end of a process, or a datagram, is heard of a moment later.
  for (const until = performance.now() + NEWS_MS; performance.now() < until; await delay(20)) {
    if ((await bait.harm(said)).length > 0) return true
  }
  return false
}
