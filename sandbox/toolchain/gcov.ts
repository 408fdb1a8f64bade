import { access } from 'node:fs/promises'
import { ask } from './ask.ts'
import { find } from './find.ts'

/** What counting programs are linked to. */
const LIBRARY = 'libgcov.a'

/**
 * The tool that reads the counters of programs built by this compiler. It must be of the compiler's very version, since the files it
 * reads are those of one version only. Null where it, or the library, is not there.
 */
export async function findGcov(compiler: string): Promise<string | null> {
  const version = await said(compiler, ['-dumpfullversion', '-dumpversion'])
  const library = await said(compiler, [`-print-file-name=${LIBRARY}`])
  const there =
    library.startsWith('/') &&
    (await access(library).then(
      () => true,
      () => false,
    ))
  if (!there) return null
  for (const name of ['gcov', `gcov-${version.split('.')[0]}`]) {
    const path = await find(name)
    const first = path === null ? '' : (await said(path, ['--version'])).split('\n')[0]
    if (path !== null && first?.startsWith('gcov ') && first.endsWith(` ${version}`)) return path
  }
  return null
}

async function said(file: string, args: readonly string[]): Promise<string> {
  return (await ask(file, args).catch(() => '')).trim()
}
