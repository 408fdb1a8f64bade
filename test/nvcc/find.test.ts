import assert from 'node:assert/strict'
import { mkdir, mkdtempDisposable, realpath, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { complaints } from '../../sandbox/executor/nvcc-oracle.ts'
import { findNvcc, parseNvccVersion } from '../../sandbox/toolchain/nvcc/find.ts'
import { nvccMounts } from '../../sandbox/toolchain/nvcc/mounts.ts'
import { NO_NVCC } from './fixture.ts'

test('the version is read from what nvcc says', () => {
  assert.equal(parseNvccVersion('Cuda compilation tools, release 11.8, V11.8.89\nBuild cuda_11.8'), '11.8')
  assert.equal(parseNvccVersion('sh: nvcc: not found'), null)
})

test('nvcc is found where all links lead, whatever the shell says', { skip: NO_NVCC }, async () => {
  const { PATH, CUDA_HOME } = process.env
  try {
    process.env.PATH = '/nowhere'
    process.env.CUDA_HOME = '/nowhere'
    const nvcc = await findNvcc()
    assert.equal(nvcc?.path, await realpath(nvcc?.path ?? ''))
    assert.ok(nvcc?.path.startsWith(`${nvcc.root}/`))
  } finally {
    process.env.PATH = PATH
    if (CUDA_HOME === undefined) delete process.env.CUDA_HOME
    else process.env.CUDA_HOME = CUDA_HOME
  }
})

test('a jail shows the folder of nvcc, and settings that it has elsewhere, and no other link', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'kernelswarm-nvcc-'))
  const root = join(place.path, 'toolkit')
  await mkdir(join(root, 'bin'), { recursive: true })
  for (const name of ['settings', 'another-compiler']) await writeFile(join(place.path, name), '')
  await symlink(join(place.path, 'settings'), join(root, 'bin', 'nvcc.profile'))
  await symlink(join(place.path, 'another-compiler'), join(root, 'bin', 'g++'))
  await symlink(join(root, 'bin'), join(root, 'nvvm'))
  const shown = await nvccMounts(root, [])
  assert.deepEqual(
    shown,
    [root, join(await realpath(place.path), 'settings')].map((path) => ({ kind: 'system', path })),
  )
})

test('complaints are quoted with their places, the first of them', () => {
  const said = [
    'code(1): warning #177-D: variable "x" was declared but never referenced',
    'code(2): error: identifier "z" is undefined',
    '    error: set in from the margin',
    "ptxas error   : Entry function 'k' uses too much shared data",
    'program.cu:1:10: fatal error: /x: No such file or directory',
    'test 1(1): error: a fourth',
  ].join('\n')
  const quoted = complaints(said).split('\n')
  assert.equal(quoted.length, 3)
  assert.match(quoted[0] ?? '', /^code\(2\)/)
  assert.match(quoted[1] ?? '', /^ptxas error/)
  assert.match(quoted[2] ?? '', /fatal/)
})
