import type { Flag } from '../../../protocol/index.ts'
import { type KitCase, nameOf } from './cases.ts'

/**
 * Recorded cases whose outputs rest on something that no rule of C++ or CUDA settles, by case or test as reports name them;
 * docs/fidelity.md has each of them at length.
 */
const KNOWN: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [35, 36, 97, 106, 183, 186, 199].map((id) => [`dev/${id}`, 'depends on device memory that nobody has written']),
  ),
  'dev/63/1': 'the C++ test reads past its array',
  'dev/126/1': 'the C++ function writes past its array; no kernel runs, since 4096 threads a block are asked for',
  'dev/140/1': 'blocks race: which comes first depends on the GPU',
  'dev/140/5': 'blocks race: which comes first depends on the GPU',
}

/** With these what a program prints may differ from machine to machine. */
const UNSETTLED: ReadonlySet<string> = new Set<Flag>(['undefined-behaviour', 'nondeterministic', 'race'])

/** Why the outputs of a test may differ, as far as that is known before it was run; empty where it has to be found out. */
export function explanationOf(one: KitCase, at: number): string {
  const known = KNOWN[nameOf(one, at)] ?? KNOWN[nameOf(one)]
  if (known !== undefined) return known
  const flags = (one.emulated[at]?.isolated.flags ?? []).filter((flag) => UNSETTLED.has(flag))
  return flags.length === 0 ? '' : `flagged by the emulated isolated pass: ${flags.join(', ')}`
}
