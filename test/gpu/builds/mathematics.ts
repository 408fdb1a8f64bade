/**
 * What every function of mathematics means to the host's half of a program and to nvcc's own host pass, by the type and the bits
 * of what it gives for arguments of every arithmetic type: `node test/gpu/builds/mathematics.ts`. Needs nvcc; runs no program but
 * its own. The fast way must keep away from those that differ (`ANOTHER_MEANING`).
 */
import { execFile } from 'node:child_process'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { meansAnother } from '../../../sandbox/gpu/build/fast/host-half.ts'
import { MATHEMATICS } from '../../../sandbox/source/host-pass.ts'
import { findNvcc } from '../../../sandbox/toolchain/nvcc/find.ts'

const run = promisify(execFile)
const HARNESS = fileURLToPath(new URL('../../../sandbox/harness/gpu/', import.meta.url))
const TYPES = [
  ...['bool', 'char', 'signed char', 'short', 'int', 'unsigned', 'long', 'long long', 'unsigned long', 'unsigned long long'],
  ...['float', 'double', 'long double'],
]
const SECOND = ['int', 'unsigned', 'long', 'float', 'double']

const nvcc = await findNvcc()
if (nvcc === null) throw new Error('no nvcc')
const include = ['-I', `${nvcc.root}/include`]
await using folder = await mkdtempDisposable(join(tmpdir(), 'kernelswarm-mathematics-'))
const asked = [...MATHEMATICS].filter((name) => !meansAnother(name)).flatMap((name) => [name, `::${name}`, `std::${name}`])
const known = await knownToHost(asked)
const half = await said('host_all.h', 'half.cpp', ['g++', '-std=c++17', '-w', ...include])
const own = await said('all.h', 'own.cu', [nvcc.path, '-std=c++17', '--expt-relaxed-constexpr', '-w'])
const differ = [...half].filter((line) => !own.has(line))
for (const line of differ) console.log(`not so to nvcc: ${line}`)
console.log(JSON.stringify({ functions: known.length, calls: half.size, differ: differ.length }))
process.exitCode = differ.length > 0 || half.size === 0 ? 1 : 0

/** Those that g++ finds; it refuses programs that say another. */
async function knownToHost(names: readonly string[]): Promise<string[]> {
  const lines = names.map(
    (name, at) => `#line ${at + 1} "asked"\nnamespace q${at} { using ${name.includes('::') ? name : `::${name}`}; }`,
  )
  const file = join(folder.path, 'asked.cpp')
  await writeFile(file, `#include "${HARNESS}host_all.h"\n${lines.join('\n')}\n`)
  const call = ['-std=c++17', '-fsyntax-only', '-fmax-errors=0', '-fno-diagnostics-show-caret', ...include, file]
  const { stderr } = await run('g++', call, { maxBuffer: 64 * 1024 ** 2 }).catch((error) => error as { stderr: string })
  const unknown = new Set([...stderr.matchAll(/^asked:(\d+):.* error: /gm)].map(([, line]) => Number(line) - 1))
  return names.filter((_, at) => !unknown.has(at))
}

async function said(header: string, file: string, [compiler = '', ...flags]: readonly string[]): Promise<Set<string>> {
  const path = join(folder.path, file)
  await writeFile(path, `#include "${HARNESS}${header}"\n${program()}`)
  const out = `${path}.out`
  const libraries = ['-L', `${nvcc?.root}/lib64`, '-lcudart_static', '-ldl', '-lrt', '-lpthread']
  await run(compiler, [...flags, path, '-o', out, ...libraries], { maxBuffer: 64 * 1024 ** 2 })
  const { stdout } = await run(out, { maxBuffer: 64 * 1024 ** 2 })
  return new Set(stdout.split('\n').filter(Boolean))
}

function program(): string {
  const calls = [...TYPES, ...TYPES.flatMap((one) => SECOND.map((other) => `${one}, ${other}`))]
  const functions = known.map(
    (name, at) => `template <class... A, class = decltype(${name}(value<A>()...))> static void f${at}(int) {
  show("${name}", (string() + ... + typeid(A).name()), ${name}(((A)1.7)...));
}
template <class... A> static void f${at}(long) {}
static void all${at}() { ${calls.map((types) => `f${at}<${types}>(0);`).join(' ')} }`,
  )
  return `#include <cstdio>
#include <string>
#include <typeinfo>
using namespace std;
template <class T> T value();
template <class R> static void show(const char *name, string types, R result) {
  printf("%s(%s) %s ", name, types.c_str(), typeid(R).name());
  const auto *bytes = (const unsigned char *)&result;
  for (size_t i = 0; i < (sizeof(R) > 10 ? 10 : sizeof(R)); i++) printf("%02x", bytes[i]);
  printf("\\n");
}
template <class T> static void show(const char *, string, T *) {}
${functions.join('\n')}
int main() { ${known.map((_, at) => `all${at}();`).join(' ')} }
`
}
