import { dirname, join } from 'node:path'
import { ask, askAloud } from './ask.ts'
import { find } from './find.ts'
import { parseLibraries } from './libraries.ts'
import { parseScript, scriptText } from './linker-script.ts'

/** What a compile and its link read of the system, as the compiler itself names it. */
export interface ToolchainParts {
  /** Programs, start files, libraries and linker scripts, and folders that are the compiler's alone. */
  files: string[]
  /** Where it looks for headers, in order. */
  headers: string[]
}

/** Programs the driver starts, beside itself; the assembler and the linker are found by PATH where it names no path. */
const STAGES = ['cc1plus', 'collect2', 'as', 'ld'] as const
/** What a compile step is written in. */
const SHELL = ['/bin/sh', 'cat'] as const
/** What programs are linked with: threads and mathematics too, as the emulator needs them, and what the libraries are in turn. */
const LINK = ['-###', '-pthread', '-x', 'c++', '/dev/null', '-lm', '-lpthread', '-lgcc', '-lgcc_s', '-lc', '-o', '/dev/null']
/** The ways programs are linked, which begin with other files: plain ones and shared objects; ones with sanitizers. */
const LINKS: readonly (readonly string[])[] = [
  ['-fPIE', '-pie'],
  ['-no-pie', '-fsanitize=address,undefined'],
]

/** Asks the compiler. @throws SandboxFault `toolchain` when it does not answer */
export async function findParts(compiler: string): Promise<ToolchainParts> {
  const [stages, install, link, headers] = await Promise.all([
    Promise.all(STAGES.map((name) => findStage(compiler, name))),
    ask(compiler, ['-print-search-dirs']).then(parseInstall),
    Promise.all(LINKS.map(async (way) => parseLink(await askAloud(compiler, [...way, ...LINK])))).then(joinLinks),
    askAloud(compiler, ['-E', '-v', '-x', 'c++', '/dev/null']).then(parseHeaderFolders),
  ])
  const shell = await Promise.all(SHELL.map(async (name) => (name.startsWith('/') ? name : await find(name))))
  const programs = [compiler, ...stages, ...shell].flatMap((path) => path ?? [])
  const linked = await linkedFiles(link)
  const loaders = [...programs, ...link.plugins, ...linked]
  const libraries = link.loader === null ? [] : await librariesOf(link.loader, loaders)
  // The folders of a compiler's own programs and files hold nothing else.
  const own = [install, ...stages.map((path) => (path === null ? '' : dirname(path)))].filter(isCompilersOwn)
  return { files: [...new Set([...own, ...programs, ...link.plugins, ...linked, ...libraries])], headers }
}

async function findStage(compiler: string, name: string): Promise<string | null> {
  const said = (await ask(compiler, [`-print-prog-name=${name}`])).trim()
  return said.startsWith('/') ? said : await find(name)
}

/** `.../gcc/TARGET/VERSION`: in /usr/lib, and on some distributions one more in /usr/libexec. */
function isCompilersOwn(folder: string): boolean {
  return /\/gcc\/[^/]+\/[^/]+\/?$/.test(folder)
}

/** The line `install: FOLDER` of `-print-search-dirs`. */
export function parseInstall(text: string): string {
  return /^install: (.*?)\/?$/m.exec(text)?.[1] ?? ''
}

/** What stands between the two lines of `-E -v` that begin and end the list for `<...>`, a folder a line. */
export function parseHeaderFolders(text: string): string[] {
  const list = /^#include <\.\.\.> search starts here:\n([\s\S]*?)^End of search list/m.exec(text)?.[1] ?? ''
  return list
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('/'))
}

/** What a linker is told to read. */
export interface Link {
  /** Start files, by path. */
  objects: string[]
  /** Names after `-l`. */
  libraries: string[]
  /** Where libraries are looked for, in order. */
  folders: string[]
  plugins: string[]
  /** The program that starts what is linked. */
  loader: string | null
}

/** Reads the linker's command from the answer to `-###`: words, some of them in quotes. */
export function parseLink(text: string): Link {
  const line = text.split('\n').findLast((line) => /\s-dynamic-linker\s/.test(line)) ?? ''
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|\S+/g)].map(([word, quoted]) => quoted ?? word)
  const after = (option: string) => words.flatMap((word, at) => (word === option ? (words[at + 1] ?? []) : []))
  const starting = (option: string) => words.flatMap((word) => (word.startsWith(option) ? word.slice(option.length) : []))
  return {
    objects: words.filter((word) => /^\/.*\.o$/.test(word)),
    libraries: [...new Set(starting('-l'))],
    folders: starting('-L'),
    plugins: after('-plugin'),
    loader: after('-dynamic-linker')[0] ?? null,
  }
}

function joinLinks(links: readonly Link[]): Link {
  const all = (part: 'objects' | 'libraries' | 'folders' | 'plugins') => [...new Set(links.flatMap((link) => link[part]))]
  const loader = links.find((link) => link.loader !== null)?.loader ?? null
  return { objects: all('objects'), libraries: all('libraries'), folders: all('folders'), plugins: all('plugins'), loader }
}

/** All files a link reads: start files, libraries as the linker finds them, what scripts in their place name. */
async function linkedFiles(link: Link): Promise<string[]> {
  const found = new Set<string>()
  const queue = [...link.objects, ...link.libraries.map((name) => `-l${name}`)]
  // A script names few others; one that names itself is seen once.
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    const file = await firstOf(candidates(word, link.folders))
    if (file === null || found.has(file.path)) continue
    found.add(file.path)
    queue.push(...parseScript(file.script))
  }
  return [...found]
}

/** A shared library goes before the static one of the same folder. */
function candidates(word: string, folders: readonly string[]): string[] {
  if (word.startsWith('/')) return [word]
  const names = word.startsWith('-l') ? [`lib${word.slice(2)}.so`, `lib${word.slice(2)}.a`] : [word]
  return folders.flatMap((folder) => names.map((name) => join(folder, name)))
}

async function firstOf(paths: readonly string[]): Promise<{ path: string; script: string } | null> {
  for (const path of paths) {
    const script = await scriptText(path)
    if (script !== null) return { path, script }
  }
  return null
}

/** What the loader would load for each of these; it refuses what is linked statically, and that needs nothing. */
async function librariesOf(loader: string, paths: readonly string[]): Promise<string[]> {
  const loadable = paths.filter((path) => !/\.[oa]$/.test(path))
  const answers = await Promise.all(loadable.map((path) => ask(loader, ['--list', path]).catch(() => '')))
  return answers.flatMap(parseLibraries)
}
