import assert from 'node:assert/strict'
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { openJail } from '../../sandbox/executor/open.ts'
import type { Mount } from '../../sandbox/jail/policy.ts'
import { compileStep } from '../../sandbox/toolchain/compile-step.ts'
import { prepareHeaders } from '../../sandbox/toolchain/headers.ts'
import { parseScript } from '../../sandbox/toolchain/linker-script.ts'
import { parseHeaderFolders, parseInstall, parseLink } from '../../sandbox/toolchain/parts.ts'
import { place } from '../../sandbox/toolchain/place.ts'
import { CACHE } from '../support/cache.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { plainComposer } from './stand-in.ts'

suite('what a compiler tells about itself', () => {
  test('its folder', () => {
    const rows = [
      ['install: /usr/lib/gcc/x86_64-linux-gnu/12/\nprograms: =/usr/lib/gcc/\n', '/usr/lib/gcc/x86_64-linux-gnu/12'],
      ['install: /usr/lib/gcc/x86_64-redhat-linux/14/\nprograms: =/usr/libexec/\n', '/usr/lib/gcc/x86_64-redhat-linux/14'],
      ['installiert: /x\n', ''],
    ]
    for (const [text = '', folder] of rows) assert.equal(parseInstall(text), folder)
  })

  test('where it looks for headers', () => {
    const text = `ignoring nonexistent directory "/usr/local/include/x86_64-linux-gnu"
#include "..." search starts here:
 /quoted
#include <...> search starts here:
 /usr/lib/gcc/x86_64-redhat-linux/14/../../../../include/c++/14
 /usr/lib/gcc/x86_64-redhat-linux/14/include
 /usr/include
End of search list.
# 1 "/dev/null"
`
    assert.deepEqual(parseHeaderFolders(text), [
      '/usr/lib/gcc/x86_64-redhat-linux/14/../../../../include/c++/14',
      '/usr/lib/gcc/x86_64-redhat-linux/14/include',
      '/usr/include',
    ])
    assert.deepEqual(parseHeaderFolders('g++: fatal error'), [])
  })

  test('what its linker is told', () => {
    const text = `COLLECT_GCC=g++
 /usr/libexec/gcc/x86_64-redhat-linux/14/cc1plus -quiet /dev/null -o /tmp/a.s
 /usr/libexec/gcc/x86_64-redhat-linux/14/collect2 -plugin /usr/libexec/gcc/x86_64-redhat-linux/14/liblto_plugin.so "-plugin-opt=-pass-through=-lgcc_s" --build-id -m elf_x86_64 -dynamic-linker /lib64/ld-linux-x86-64.so.2 -o /dev/null /usr/lib/gcc/x86_64-redhat-linux/14/../../../../lib64/crt1.o /usr/lib/gcc/x86_64-redhat-linux/14/crtbegin.o -L/usr/lib/gcc/x86_64-redhat-linux/14 "-L/a folder" -lm /tmp/b.o -lstdc++ -lm -lc
COLLECT_GCC_OPTIONS='-o'
`
    assert.deepEqual(parseLink(text), {
      objects: [
        '/usr/lib/gcc/x86_64-redhat-linux/14/../../../../lib64/crt1.o',
        '/usr/lib/gcc/x86_64-redhat-linux/14/crtbegin.o',
        '/tmp/b.o',
      ],
      libraries: ['m', 'stdc++', 'c'],
      folders: ['/usr/lib/gcc/x86_64-redhat-linux/14', '/a folder'],
      plugins: ['/usr/libexec/gcc/x86_64-redhat-linux/14/liblto_plugin.so'],
      loader: '/lib64/ld-linux-x86-64.so.2',
    })
    assert.deepEqual(parseLink('nothing'), { objects: [], libraries: [], folders: [], plugins: [], loader: null })
  })

  test('what a linker script names', () => {
    const rows: [string, string[]][] = [
      [
        '/* GNU ld script */\nOUTPUT_FORMAT(elf64-x86-64)\nGROUP ( /lib64/libc.so.6 /usr/lib64/libc_nonshared.a  AS_NEEDED ( /lib64/ld-linux-x86-64.so.2 ) )\n',
        ['/lib64/libc.so.6', '/usr/lib64/libc_nonshared.a', '/lib64/ld-linux-x86-64.so.2'],
      ],
      ['GROUP ( libgcc_s.so.1 -lgcc )', ['libgcc_s.so.1', '-lgcc']],
      ['INPUT(libncurses.so.6 -ltinfo)', ['libncurses.so.6', '-ltinfo']],
      ['no script', []],
    ]
    for (const [text, names] of rows) assert.deepEqual(parseScript(text), names)
  })
})

suite('how paths come to stand in a jail', () => {
  test('links of folders as they are, a file in its own place, a file that is a link straight to its end', async (t) => {
    const root = await scratch(t)
    const at = (path: string) => join(root, path)
    await mkdir(at('usr/bin'), { recursive: true })
    await mkdir(at('usr/lib/gcc/any/14'), { recursive: true })
    await mkdir(at('else'), { recursive: true })
    for (const file of ['usr/bin/real', 'usr/lib/gcc/any/14/cc1plus', 'usr/lib/lib.so.1.2', 'usr/lib/alone']) {
      await writeFile(at(file), '')
    }
    await symlink('usr/bin', at('bin'))
    await symlink(at('else/second'), at('usr/bin/first'))
    await symlink('../usr/bin/real', at('else/second'))
    await symlink('lib.so.1.2', at('usr/lib/lib.so.1'))
    await symlink('../../../lib.so.1', at('usr/lib/gcc/any/14/lib.so'))
    const paths = ['bin/first', 'usr/lib/gcc/any/14', 'usr/lib/gcc/any/14/cc1plus', 'usr/lib/gcc/any/14/lib.so']
    const mounts = await place([...paths, 'usr/lib/gcc/any/14/../../../alone', 'not/there'].map(at))
    assert.deepEqual(mounts.map(wordsOf(root)).sort(), [
      'link /bin -> usr/bin',
      'link /else/second -> /usr/bin/real',
      'link /usr/bin/first -> /usr/bin/real',
      'link /usr/lib/lib.so.1 -> /usr/lib/lib.so.1.2',
      'system /usr/bin/real',
      'system /usr/lib/alone',
      'system /usr/lib/gcc/any/14',
      'system /usr/lib/lib.so.1.2',
    ])
    assert.equal(
      mounts.findLastIndex(({ kind }) => kind === 'link'),
      3,
    )
  })

  test('of headers the C library’s and the kernel’s, copied again when they change', async (t) => {
    const root = await scratch(t)
    const include = join(root, 'include')
    const target = join(include, 'any-linux-gnu')
    for (const folder of ['linux', 'openssl', 'c++/14/bits', 'any-linux-gnu/asm', 'any-linux-gnu/secret']) {
      await mkdir(join(include, folder), { recursive: true })
      await writeFile(join(include, folder, 'x.h'), '')
    }
    await writeFile(join(include, 'stdio.h'), '')
    await writeFile(join(include, 'zlib.h'), '')
    await symlink('any-linux-gnu/asm', join(include, 'asm'))
    const folders = [join(include, 'c++/14'), join(root, 'own/14/include'), target, include, join(root, 'none')]
    await mkdir(join(root, 'own/14/include'), { recursive: true })
    const shown: Mount[] = [{ kind: 'system', path: join(root, 'own/14') }]
    const first = await prepareHeaders(folders, shown, join(root, 'cache'))
    const [own, cpp, ...rest] = first.mounts
    assert.ok(own?.kind === 'own' && own.at === include && rest.length === 0)
    assert.deepEqual(cpp, { kind: 'system', path: join(include, 'c++/14') })
    const copied = (await readdir(own.folder, { recursive: true })).sort()
    assert.deepEqual(copied, [
      ...['any-linux-gnu', 'any-linux-gnu/asm', 'any-linux-gnu/asm/x.h', 'asm', 'asm/x.h', 'c++', 'c++/14'],
      ...['linux', 'linux/x.h', 'stdio.h'],
    ])
    assert.equal((await prepareHeaders(folders, shown, join(root, 'cache'))).id, first.id)
    await utimes(join(include, 'linux'), 1, 1)
    const second = await prepareHeaders(folders, shown, join(root, 'cache'))
    assert.notEqual(second.id, first.id)
    await utimes(join(include, 'c++/14/bits'), 1, 1)
    assert.notEqual((await prepareHeaders(folders, shown, join(root, 'cache'))).id, second.id)
  })
})

suite('what the compiler finds', { timeout: patience(60_000) }, () => {
  test('the toolchain and nothing else', async () => {
    const { jail, toolchain, equipment } = await openJail({ composer: plainComposer }, { cacheDir: CACHE })
    const { compiler, mounts } = toolchain
    const order = { compiler, mounts, include: equipment.include, args: [], stdin: null, maxProductBytes: 64 * 1024 }
    const places = [
      '/',
      '/usr/',
      '/usr/bin/',
      '/usr/local/',
      '/usr/share/',
      '/usr/lib/',
      '/usr/sbin/',
      '/etc/',
      '/var/',
      '/home/',
    ]
    const list = `for place in ${places.map((place) => `${place}*`).join(' ')}; do [ -e "$place" ] && echo "$place"; done; exit 0`
    const { stdout } = await jail.run(
      { ...compileStep(order), argv: ['/bin/sh', '-c', list] },
      { signal: new AbortController().signal },
    )
    const found = stdout.toString('utf8').trim().split('\n')
    const strange = found.filter((path) => !ALLOWED.some((allowed) => allowed.test(path)))
    assert.deepEqual(strange, [])
    assert.ok(found.some((path) => path.endsWith('/g++')))
  })
})

/** On every distribution; `bash` and `dash` where `sh` leads there. */
const ALLOWED = [
  /^\/(bin|dev|include|launch|lib|lib64|tmp|usr)$/,
  /^\/usr\/(bin|include|lib|lib64|libexec)$/,
  /^\/usr\/bin\/([\w-]*g\+\+|[\w-]*as|[\w-]*ld|[\w-]*ld\.bfd|sh|bash|dash|cat|coreutils|gnucat)(-\d+)?$/,
  /^\/usr\/lib\/(gcc|[\w]+-linux-gnu|[\w.+-]+\.(so|so\.[\d.]+|a|o))$/,
]

function wordsOf(root: string): (mount: Mount) => string {
  const short = (path: string) => path.replace(root, '')
  return (mount) =>
    mount.kind === 'link'
      ? `link ${short(mount.at)} -> ${short(mount.target)}`
      : `${mount.kind} ${mount.kind === 'system' ? short(mount.path) : ''}`
}
