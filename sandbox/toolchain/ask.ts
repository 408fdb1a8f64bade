import { type ChildEnd, runChild } from '../jail/child.ts'
import { SandboxFault } from '../types.ts'

/** A question to a tool takes milliseconds, a compile of ours seconds; on a slow machine that is busy, minutes. */
const ASK_MS = 5 * 60_000
const ANSWER_BYTES = 1024 * 1024
const ENVIRONMENT = { PATH: '/usr/bin:/bin', LANG: 'C', LC_ALL: 'C' }

/** Runs a tool on our own input, outside any jail, and returns what it printed. @throws SandboxFault `toolchain` */
export async function ask(file: string, args: readonly string[], environment: Record<string, string> = {}): Promise<string> {
  return text(await run(file, args, environment), 1)
}

/** The same for what a tool tells about itself, which goes where complaints go. @throws SandboxFault `toolchain` */
export async function askAloud(file: string, args: readonly string[]): Promise<string> {
  return text(await run(file, args, {}), 2)
}

async function run(file: string, args: readonly string[], environment: Record<string, string>): Promise<ChildEnd> {
  const end = await runChild(
    {
      file,
      args,
      env: { ...ENVIRONMENT, ...environment },
      inputs: new Map(),
      outputs: [1, 2].map((fd) => ({ fd, maxBytes: ANSWER_BYTES, whenFull: 'stop' })),
      wallMs: ASK_MS,
    },
    { signal: new AbortController().signal },
  )
  if (end.code !== 0) throw new SandboxFault('toolchain', `${file} ${args.join(' ')} failed: ${complaint(end)}`)
  return end
}

function complaint(end: ChildEnd): string {
  return text(end, 2).trim().split('\n').slice(0, 3).join('; ') || (end.stopped ?? String(end.signal ?? end.code))
}

function text(end: ChildEnd, fd: number): string {
  return end.outputs.get(fd)?.toString('utf8') ?? ''
}
