import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/**
 * A round of recorded cases, each with four seeded mutants of its translation, and its scores worked out again by `scores.py`:
 *
 *     node test/scores/seeded-mutants.ts [CASES] [SEED]
 *
 * Without arguments all 120 cases (about half an hour on two cores); prints what was compared, and fails when something is wrong.
 */

/** Recorded cases, beside the project where they are. */
export const RECORDED = new URL('../../../shared/data/babeltower/eval-dev.jsonl', import.meta.url)
const BIN = fileURLToPath(new URL('../../bin/kernelswarm', import.meta.url))
const SCRIPT = fileURLToPath(new URL('scores.py', import.meta.url))
const MUTANTS = 4
/** Some mutants never end; no recorded test takes a second. */
const WALL_SECONDS = 10

/** What `scores.py` prints. */
export interface Compared {
  compared: Record<string, number>
  wrong: string[]
  /** `id/test` of recorded cases, not mutants, that did not print what was recorded. */
  notAsRecorded: string[]
  kinds: Record<string, number>
  /** Cases by their judgement under the compat rule. */
  compat: Record<string, number>
}

/** The lines of the recorded cases, or null where they are not here. */
export async function recordedLines(): Promise<string[] | null> {
  const text = await readFile(RECORDED, 'utf8').catch(() => null)
  return text === null ? null : text.split('\n').filter((line) => line !== '')
}

/** Opens a round of these lines with their mutants in a swarm of this machine, and compares its scores. */
export async function compareScores(
  folder: string,
  lines: readonly string[],
  init: { seed: number; env: NodeJS.ProcessEnv },
): Promise<Compared> {
  const [origins, mutants, both, out] = ['origins', 'mutants', 'both', 'out'].map((name) => join(folder, `${name}.jsonl`)) as [
    string,
    string,
    string,
    string,
  ]
  await writeFile(origins, `${lines.join('\n')}\n`)
  await run(['mutate', origins, '--out', mutants, '--count', String(MUTANTS), '--seed', String(init.seed)], init.env)
  await writeFile(both, (await readFile(origins, 'utf8')) + (await readFile(mutants, 'utf8')))
  await run(
    ['run', both, '--out', out, '--nodes', '2', '--passes', 'isolated', '--no-nvcc', '--no-gpu', '--wall', String(WALL_SECONDS)],
    init.env,
  )
  return await worked([both, out, fileURLToPath(RECORDED), String(WALL_SECONDS)])
}

/** Whether the script can be run here. */
export function hasPython(): boolean {
  try {
    return execFileSync('python3', ['-c', 'import fractions']).length === 0
  } catch {
    return false
  }
}

/** Runs the script; what is wrong is in its answer. @throws where it gave none */
export async function worked(args: readonly string[]): Promise<Compared> {
  const { stdout } = await promisify(execFile)('python3', [SCRIPT, ...args], { maxBuffer: 64 * 1024 ** 2 }).catch((error) => {
    if (typeof error.stdout === 'string' && error.stdout.startsWith('{')) return error as { stdout: string }
    throw error
  })
  return JSON.parse(stdout)
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(BIN, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said = `${said}${text}`.slice(-2000)))
  const [code] = await once(child, 'close')
  // 1: not all is decided, or the file has no valid translation; the results are there.
  if (code !== 0 && code !== 1) throw new Error(`kernelswarm ${args[0]} ended with ${code}: ${said}`)
}

if (import.meta.main) {
  const [count = '120', seed = '1'] = process.argv.slice(2)
  const lines = await recordedLines()
  if (lines === null) throw new Error(`the recorded cases are not here: ${fileURLToPath(RECORDED)}`)
  const folder = await mkdtemp(join(tmpdir(), 'kernelswarm-scores-'))
  try {
    const found = await compareScores(folder, lines.slice(0, Number(count)), { seed: Number(seed), env: process.env })
    process.stdout.write(`${JSON.stringify(found, null, 2)}\n`)
    if (found.wrong.length > 0) process.exitCode = 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
