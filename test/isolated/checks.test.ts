import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { findTampering } from '../../sandbox/isolated/checks.ts'

/** A program's code, a test, and what is said of them; null where tests are the tests. */
const ROWS: readonly { id: string; code: string; body?: string; says: RegExp | null }[] = [
  { id: 'no macros', code: 'int f() { return 1; }', says: null },
  { id: 'a number', code: '#define N 10\n', body: 'int a[N];', says: null },
  { id: 'a number of numbers', code: '#define N 10\n#define M ((N + 1) * 2)\n', body: 'int a[M];', says: null },
  { id: 'a macro that no test has', code: '#define MIN(a, b) ((a) < (b) ? (a) : (b))\n', body: 'int a[3];', says: null },
  { id: 'a macro with arguments', code: '#define MIN(a, b) 0\n', body: 'MIN(1, 2);', says: /changes a test \(MIN\)/ },
  { id: 'a word', code: '#define f g\n', body: 'wrapper(f);', says: /changes a test \(f\)/ },
  { id: 'a word by way of another name', code: '#define A B\n#define B g\n', body: 'wrapper(A);', says: /\(A\)/ },
  { id: 'nothing', code: '#define const_ \n', body: 'const_ int x;', says: /changes a test/ },
  { id: 'what is undefined', code: '#undef NAN\n', body: 'float x = NAN;', says: /changes a test \(NAN\)/ },
  { id: 'under a condition', code: '#if 0\n#define f g\n#endif\n', body: 'f();', says: /changes a test/ },
  { id: 'a number by a name of ours', code: '#define index 5\n', says: /changes the harness \(index\)/ },
  { id: 'a name in a text or a comment', code: '// f\nconst char *s = "#define f g";\n', body: 'f();', says: null },
  { id: 'a name of ours', code: 'int __ks_x;', says: /name of the harness/ },
  { id: 'a name of ours in a test', code: '', body: '::__ks::leave();', says: /name of the harness/ },
  { id: 'names like parts of ours, and nothing pasted', code: 'int ks, _, ks_2;', says: null },
  { id: 'parts of a name of ours, and pasting', code: '#define P(a, b) a##b\nint P(__, ks_x);', says: /name of the harness/ },
  { id: 'brackets in a comment', code: '/* { */ int f() { return 1; } // (', says: null },
  { id: 'a bracket', code: 'int f() {', says: /open/ },
]

suite('what would change the tests or the harness', () => {
  for (const { id, code, body = '', says } of ROWS) {
    test(`${id}: ${says === null ? 'nothing' : 'found'}`, () => {
      const found = findTampering({ code, wrapper: '', tests: [body] })
      if (says === null) assert.equal(found, null)
      else assert.match(found ?? '', says)
    })
  }
})
