import type { TestContext } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { cli } from '../../bin/cli.ts'
import { complain } from '../../bin/errors.ts'
import type { Ran } from './command.ts'

/**
 * Runs a command in this process, as if it were typed in that folder: for what is said of what was typed. How a process of it lives and
 * ends is shown with `kernelswarm` (command.ts). One at a time: a process has one folder to work in. The home folder is the tester's, so
 * keys and data have to be named.
 */
export async function typed(t: TestContext, folder: string, args: readonly string[]): Promise<Ran> {
  const before = process.cwd()
  process.chdir(folder)
  const [stdout, stderr] = [listen(t, 'stdout'), listen(t, 'stderr')]
  let code: number
  try {
    code = await cli(['node', 'kernelswarm', ...args], t.signal).catch(complain)
  } finally {
    process.chdir(before)
  }
  return { code, stdout: stdout.end(), stderr: stderr.end() }
}

/** What is written there until the end is asked for. Bytes are not a command's: the test runner has its words on the same stream. */
export function listen(t: TestContext, name: 'stdout' | 'stderr'): { end: () => string } {
  const stream = process[name]
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean
  let said = ''
  const { mock } = t.mock.method(stream, 'write', (piece: unknown, ...rest: unknown[]) => {
    if (typeof piece !== 'string') return write(piece, ...rest)
    said += piece
    return true
  })
  return {
    end() {
      mock.restore()
      return stripVTControlCharacters(said)
    },
  }
}
