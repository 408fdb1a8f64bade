import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../bin/kernelswarm', import.meta.url))
/** How often a process's memory is looked at. */
const LOOK_MS = 100

/** What a command took. */
export interface CommandFigures {
  seconds: number
  /** Most memory the process ever had resident, MiB. */
  peakMib: number
  stdout: string
}

/**
 * Runs the command as a process of its own.
 * @param init.heapMib most of the heap that it may have; more ends it
 * @throws when it does not end with 0
 */
export async function runCommand(
  home: string,
  args: readonly string[],
  init: { heapMib?: number | undefined } = {},
): Promise<CommandFigures> {
  const options = init.heapMib === undefined ? {} : { NODE_OPTIONS: `--max-old-space-size=${init.heapMib}` }
  const env = { PATH: process.env.PATH, HOME: home, ...options }
  const from = performance.now()
  const child = spawn(BIN, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let stdout = ''
  child.stdout.on('data', (text) => (stdout += text))
  let peakKib = 0
  const look = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
    peakKib = Math.max(peakKib, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0))
  }, LOOK_MS)
  const [code] = (await once(child, 'close')) as [number | null]
  clearInterval(look)
  if (code !== 0) throw new Error(`kernelswarm ${args.join(' ')} ended with ${code}`)
  return { seconds: (performance.now() - from) / 1000, peakMib: Math.round(peakKib / 1024), stdout }
}
