import { access } from 'node:fs/promises'
import { ask } from './ask.ts'
import { find } from './find.ts'
import { parseScript, scriptText } from './linker-script.ts'

/** What programs of the sanitized pass are linked to. */
const LIBRARIES = ['libasan.so', 'libubsan.so'] as const

/** Whether this machine can build and read programs with sanitizers: their libraries, and the tool that knows lines. */
export async function hasSanitizers(compiler: string): Promise<boolean> {
  const found = await Promise.all(LIBRARIES.map((name) => hasLibrary(compiler, name)))
  return found.every(Boolean) && (await find('addr2line')) !== null
}

/** The compiler answers with a path where it has the library, with the bare name where not. */
async function hasLibrary(compiler: string, name: string): Promise<boolean> {
  const said = (await ask(compiler, [`-print-file-name=${name}`]).catch(() => '')).trim()
  if (!said.startsWith('/')) return false
  const script = await scriptText(said)
  if (script === null) return false
  // Fedora has a script in the library's place, also where what it names is not installed.
  const targets = parseScript(script).filter((word) => word.startsWith('/'))
  return (await Promise.all(targets.map(exists))).every(Boolean)
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
