import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { heavyNames } from '../../sandbox/executor/heavy-names.ts'
import { whyAllHeaders } from '../../sandbox/source/lean.ts'
import { findNvcc } from '../../sandbox/toolchain/nvcc/find.ts'
import { nvccMounts } from '../../sandbox/toolchain/nvcc/mounts.ts'
import {
  declaredNames,
  extraLines,
  functionsAgain,
  identifiersOf,
  macrosOf,
  namespacesOf,
} from '../../sandbox/toolchain/nvcc/names.ts'
import { corpusPrograms, devPrograms, examplePrograms } from '../gpu/builds/programs.ts'
import { NO_NVCC, partsHere } from './fixture.ts'

describe('reading what headers declare', () => {
  const few = '# 1 "a.h"\nint a;\n# 1 "/own/x.h"\nusing namespace std;\n'
  const all = '# 1 "b.h"\nnamespace std { int b(); }\n# 1 "a.h"\nint a;\n# 7 "a.h"\nint c;\n'

  test('the lines that only one has', () => {
    assert.equal(extraLines(all, few, '/own/'), 'namespace std { int b(); }\nint c;')
  })
  test('nothing where one is no part of the other', () => {
    assert.equal(extraLines(few.replace('int a', 'int d'), all, '/own/'), null)
  })
  test('macros with their bodies', () => {
    assert.deepEqual(
      [...macrosOf('#define A 1\n#define f(x) x\n')],
      [
        ['A', ' 1'],
        ['f', '(x) x'],
      ],
    )
  })
  test('names but for keywords, strings and numbers', () => {
    assert.deepEqual([...identifiersOf('namespace std { int b(char x = 0x1f, const char *s = "no"); }')], ['std', 'b', 'x', 's'])
  })
  test('namespaces', () => {
    assert.deepEqual([...namespacesOf('namespace std { inline namespace one { } } namespace { }')], ['one'])
  })
  test('functions outside of classes and bodies', () => {
    const text =
      'namespace std { template <class T> T copy(T a) { return inner(a); } class C { void method(); }; size_t n; } extern "C" { int c(int); } swap(a)'
    assert.deepEqual([...functionsAgain(text)], ['copy', 'c'])
  })
  test('what the compiler does not complain of', () => {
    const said =
      'std:1:9: error: ‘one’ has not been declared in ‘std’\nstd:2:9: error: ‘two’ has not been declared in ‘std’\nglobal:2:9: error: ‘::two’ has not been declared\n'
    assert.deepEqual([...declaredNames(['one', 'two', 'three'], said)], ['one', 'three'])
  })
})

const NAMES = new Set(['vector', 'cout', 'left'])
/** Texts, and the reason that must be given; null for none. */
const TEXTS: readonly { id: string; text: string; reason: string | null }[] = [
  { id: 'nothing heavy', text: 'int a = 1; // vector\nconst char *s = "cout";', reason: null },
  { id: 'a name', text: 'vector<int> v;', reason: 'vector' },
  { id: 'a member of that name', text: 'node.left = 0;', reason: 'left' },
  { id: 'in a macro that nobody uses', text: '#define V vector', reason: 'vector' },
  { id: 'across a continued line', text: 'vec\\\ntor<int> v;', reason: 'vector' },
  { id: 'pasted', text: '#define P(a, b) a##b\nP(vec, tor)<int> v;', reason: 'names made by the preprocessor' },
  { id: 'a header of the few', text: '#include <stdio.h>\n#include <cmath>\n', reason: null },
  { id: 'another header', text: '#include <algorithm>\n', reason: 'a header that few headers have not read' },
  { id: 'a header by a macro', text: '#include WHICH\n', reason: 'a header that few headers have not read' },
  { id: 'the call operator', text: 'struct F { int operator()(int a) const { return a; } };', reason: null },
  { id: 'another operator', text: 'struct A { operator int() const; };', reason: 'operators of its own' },
  { id: 'an addition to std', text: 'namespace std { int mine; }', reason: 'additions to std' },
  { id: 'using namespace std', text: 'using namespace std;', reason: null },
  { id: 'a suffix', text: 'auto s = "text"s;', reason: 'a suffix of its own' },
  { id: 'a name of the harness', text: 'int __ks_a;', reason: '__ks_a' },
  { id: 'an open string', text: 'const char *s = "', reason: 'a comment, a string or a character left open' },
]

describe('whether a program needs all headers', () => {
  for (const { id, text, reason } of TEXTS) {
    test(id, () => assert.equal(whyAllHeaders([text], NAMES), reason))
  }

  test('most real ones do not', { skip: NO_NVCC }, async (t) => {
    const parts = await partsHere()
    const nvcc = await findNvcc()
    assert.ok(nvcc !== null)
    const mounts = await nvccMounts(nvcc.root, parts.toolchain.mounts)
    const names = await heavyNames({ ...parts, nvcc, mounts, compiler: parts.toolchain.compiler })
    assert.ok(names !== null)
    for (const name of ['cout', 'vector', 'string', 'setw', 'tuple', 'ostream', 'chrono_literals', '__gnu_cxx', 'EOVERFLOW_']) {
      assert.equal(names.has(name), !['chrono_literals', 'EOVERFLOW_'].includes(name), name)
    }
    for (const name of ['size_t', 'swap', 'min', 'max', 'sqrt', 'size', 'data', 'printf', 'std', 'x', 'i', 'n'])
      assert.ok(!names.has(name), name)
    for (const [set, programs] of Object.entries({ corpus: corpusPrograms(), examples: examplePrograms(), dev: devPrograms() })) {
      const lean = programs.filter(
        ({ program }) => whyAllHeaders([program.code, program.wrapper, ...program.tests], names) === null,
      )
      t.diagnostic(`${set}: ${lean.length} of ${programs.length} need few headers`)
      assert.ok(programs.length === 0 || lean.length / programs.length >= (set === 'dev' ? 0.85 : 0.7), set)
    }
  })
})
