import { createHmac } from 'node:crypto'
import { INCLUDE_AT } from './compile-step.ts'
import type { BuildSettings } from './composer.ts'

/** What flags depend on beside the build: part of what is prepared once. */
export interface Means {
  /** Those of the builds' wanted flags that this compiler knows. */
  known: ReadonlySet<string>
  /** A key that no jail shows. */
  secret: Uint8Array
}

/** The flags a header of that build is precompiled with. */
export function headerFlags({ flags, wanted = [] }: BuildSettings, { known }: Pick<Means, 'known'>): string[] {
  return [...flags, ...wanted.filter((flag) => known.has(flag))]
}

/**
 * The compiler's arguments for one unit that comes by standard input. Where the build has a secret, `__ks_secret(name)` is a name
 * that depends on the whole text and on a key of this machine's: the program in the text cannot hold it, and that of another
 * program tells nothing about it.
 */
export function unitArguments(settings: BuildSettings, means: Means, text: string): string[] {
  const { secret = false, link = [], runtime } = settings
  const names = secret ? [`-D__ks_secret(name)=ks_${tokenOf(means, text)}_##name`] : []
  // What is linked comes after what needs it.
  const linked = runtime === undefined ? [] : ['-x', 'none', `${INCLUDE_AT}/${runtime.file}`]
  return [...headerFlags(settings, means), ...names, '-x', 'c++', '-', ...linked, ...link]
}

function tokenOf({ secret }: Means, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex').slice(0, 32)
}
