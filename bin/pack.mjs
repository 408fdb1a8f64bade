/**
 * Builds dist/, what a package carries: the same tree in JavaScript, since Node strips types from nothing under node_modules,
 * with the files beside the code (headers, pages). npm runs it before it packs (`prepack`).
 */
import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
const ROOMS = ['bin', 'protocol', 'sandbox', 'node', 'coordinator']

rmSync(dist, { recursive: true, force: true })
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const { status } = spawnSync(process.execPath, [tsc, '--project', join(root, 'tsconfig.package.json')], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)

for (const room of ROOMS) {
  for (const entry of readdirSync(join(root, room), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.ts') || entry.parentPath === join(root, 'bin')) continue
    const from = join(entry.parentPath, entry.name)
    // A file beside the code that is called as a module of it would take its place.
    cpSync(from, join(dist, from.slice(root.length + 1)), { force: false, errorOnExist: true })
  }
}
cpSync(join(root, 'docs', 'examples', 'first-round.jsonl'), join(dist, 'docs', 'examples', 'first-round.jsonl'))
