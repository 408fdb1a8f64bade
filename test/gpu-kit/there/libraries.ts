import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PreparedLoader } from '../../../sandbox/gpu/loader.ts'
import { runChild } from '../../../sandbox/jail/child.ts'
import type { Mount } from '../../../sandbox/jail/policy.ts'
import { parseLibraries } from '../../../sandbox/toolchain/libraries.ts'
import type { Places } from './stand.ts'

const ANSWER_MS = 10_000

/** Where a program looks for libraries without being told. */
const LIBRARIES_AT = '/lib/x86_64-linux-gnu'
const LOADER_AT = '/lib64'

/**
 * What programs with a GPU are linked to: the machine's libraries, as always, where they are new enough for what was built where the
 * kit was made; else the kit's, which stand at the same places in the jail.
 */
export async function loaderLibraries(
  { kit, work }: Places,
  { folder, file }: Pick<PreparedLoader, 'folder' | 'file'>,
): Promise<{ libraries: Mount[]; whose: 'of the machine' | 'of the kit' }> {
  const paths = await askLoader(join(folder, file))
  if (paths !== null) return { libraries: paths.map((path) => ({ kind: 'system', path })), whose: 'of the machine' }
  const lib = join(work, 'lib')
  const loader = readFileSync(join(kit, 'loader'), 'utf8')
  const libraries = readdirSync(lib).map((name): Mount => {
    return { kind: 'own-file', folder: lib, file: name, at: `${name === loader ? LOADER_AT : LIBRARIES_AT}/${name}` }
  })
  return { libraries, whose: 'of the kit' }
}

/** The paths of all libraries, or null where one is not there, or older than what asks for it. */
async function askLoader(program: string): Promise<string[] | null> {
  const outputs = [1, 2].map((fd) => ({ fd, maxBytes: 64 * 1024, whenFull: 'discard' as const }))
  // With all its symbols looked up: a library that is too old says so here, and not in the middle of a run.
  const env = { LD_TRACE_LOADED_OBJECTS: '1', LD_WARN: '1', LD_BIND_NOW: '1', LC_ALL: 'C' }
  const spec = { file: program, args: [], env, inputs: new Map(), outputs, wallMs: ANSWER_MS }
  const end = await runChild(spec, { signal: new AbortController().signal }).catch(() => null)
  if (end === null || end.code !== 0) return null
  const said = [1, 2].map((fd) => end.outputs.get(fd)?.toString('utf8') ?? '').join('\n')
  return /not found|undefined symbol/.test(said) ? null : parseLibraries(said)
}
