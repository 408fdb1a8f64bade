import type { Mount } from '../jail/policy.ts'
import { ask } from './ask.ts'

/**
 * The shared libraries a compiled program is started with, and nothing else of the system: the loader itself tells.
 * Programs are linked dynamically because the compile is a quarter cheaper, and because a loader leaves the stack below
 * main as the reference's does: tests that print what they never set then print what they print there.
 */
export async function programLibraries(sample: string): Promise<Mount[]> {
  return parseLibraries(await ask(sample, [], { LD_TRACE_LOADED_OBJECTS: '1' })).map((path) => ({ kind: 'system', path }))
}

/** Lines `name => /path (address)` and `/path (address)`; what the kernel maps itself has no path. */
export function parseLibraries(text: string): string[] {
  const paths = text.split('\n').flatMap((line) => /(\/\S+) \(0x[0-9a-f]+\)$/.exec(line)?.[1] ?? [])
  return [...new Set(paths)]
}
