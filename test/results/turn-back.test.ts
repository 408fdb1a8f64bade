import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { turnBack } from '../../coordinator/results/turn-back.ts'

const rows = [
  { id: 'plain', test: 'int a[3];\nwrapper(f, a, 3);\n', back: 'int a[3];\nf(a, 3);\n' },
  { id: 'no arguments', test: 'wrapper(f);', back: 'f();' },
  { id: 'one argument', test: 'wrapper(f,1);', back: 'f(1);' },
  { id: 'blanks and line ends', test: 'wrapper (\n  f ,\n  a,\n  b\n);', back: 'f(a,\n  b\n);' },
  { id: 'nested calls', test: 'wrapper(f, g(1, h(2)), (3, 4));', back: 'f(g(1, h(2)), (3, 4));' },
  { id: 'braces', test: 'wrapper(f, std::vector<int>{1, 2}, P{.x = 1});', back: 'f(std::vector<int>{1, 2}, P{.x = 1});' },
  { id: 'string with a bracket', test: 'wrapper(f, ")", "a\\")", b);', back: 'f(")", "a\\")", b);' },
  { id: 'characters', test: "wrapper(f, ')', '\\'', ',');", back: "f(')', '\\'', ',');" },
  { id: 'digit separators', test: "wrapper(f, 1'000'000, '('); wrapper(g, 2);", back: "f(1'000'000, '('); g(2);" },
  { id: 'number with exponent', test: 'wrapper(f, 1e-5f, 0x1p+3, .5);', back: 'f(1e-5f, 0x1p+3, .5);' },
  { id: 'raw string', test: 'wrapper(f, R"x(wrapper(g, ")" )x", 1);', back: 'f(R"x(wrapper(g, ")" )x", 1);' },
  { id: 'prefixed strings', test: 'wrapper(f, u8"wrapper(g)", L\'(\');', back: 'f(u8"wrapper(g)", L\'(\');' },
  {
    id: 'name in a string',
    test: 'const char *s = "wrapper(g, 1)"; wrapper(f, s);',
    back: 'const char *s = "wrapper(g, 1)"; f(s);',
  },
  { id: 'name in a line comment', test: '// wrapper(g, 1)\nwrapper(f, 1);', back: '// wrapper(g, 1)\nf(1);' },
  { id: 'comment that goes on', test: '// x \\\nwrapper(g, 1)\nwrapper(f, 1);', back: '// x \\\nwrapper(g, 1)\nf(1);' },
  { id: 'name in a block comment', test: '/* wrapper(g, 1) */ wrapper(f, 1);', back: '/* wrapper(g, 1) */ f(1);' },
  { id: 'ends in a comment', test: 'wrapper(f, a); // wrapper(f, b)', back: 'f(a); // wrapper(f, b)' },
  { id: 'comments around the callee', test: 'wrapper(/* the ( */ f /* , */, a);', back: 'f(a);' },
  { id: 'line comment after the callee', test: 'wrapper(f // the one\n, a);', back: 'f(a);' },
  { id: 'comment among arguments', test: 'wrapper(f, a /* ) */, b);', back: 'f(a /* ) */, b);' },
  { id: 'template callee', test: 'wrapper(f<int, 4>, a);', back: 'f<int, 4>(a);' },
  {
    id: 'nested template callee',
    test: 'wrapper(ns::f<std::array<int, 2>, (3 > 2)>, a);',
    back: 'ns::f<std::array<int, 2>, (3 > 2)>(a);',
  },
  { id: 'address of', test: 'wrapper(&f, a);', back: 'f(a);' },
  { id: 'dereferenced', test: 'wrapper(*p, a);', back: '(*p)(a);' },
  { id: 'cast callee', test: 'wrapper((void (*)(int, int))f, 1, 2);', back: '((void (*)(int, int))f)(1, 2);' },
  {
    id: 'lambda',
    test: 'wrapper([&](int x, int y) -> int { return x < y, f(x, y); }, 1, 2);',
    back: '[&](int x, int y) -> int { return x < y, f(x, y); }(1, 2);',
  },
  { id: 'lambda as argument', test: 'wrapper(f, [](int x) { return g(x, ")"); });', back: 'f([](int x) { return g(x, ")"); });' },
  { id: 'call inside a call', test: 'wrapper(f, wrapper(g, 1), 2);', back: 'f(g(1), 2);' },
  { id: 'several', test: 'wrapper(f, 1); wrapper(g, 2);', back: 'f(1); g(2);' },
  { id: 'inside a block', test: 'for (int i = 0; i < 2; i++) { wrapper(f, i); }', back: 'for (int i = 0; i < 2; i++) { f(i); }' },
  { id: 'another name', test: 'my_wrapper(f, 1); wrapper2(f, 1); wrapper;', back: 'my_wrapper(f, 1); wrapper2(f, 1); wrapper;' },
  { id: 'no callee', test: 'wrapper(); wrapper(, 1);', back: 'wrapper(); wrapper(, 1);' },
  { id: 'never closed', test: 'wrapper(f', back: 'wrapper(f' },
  { id: 'string never closed', test: 'wrapper(f, "a', back: 'f("a' },
] as const

describe('wrapper() turned back into a call', () => {
  for (const { id, test, back } of rows) it(id, () => assert.equal(turnBack(test), back))

  it('leaves text without the word alone', () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('wrapper'))
    fc.assert(fc.property(text, (value) => turnBack(value) === value))
  })

  it('keeps arguments to the byte, whatever is in their strings', () => {
    const argument = fc.oneof(
      fc.string().map((text) => JSON.stringify(text)),
      fc.integer().map(String),
      fc.constantFrom("'('", 'g(1, 2)', '/* ) */ x', '{1, 2}'),
    )
    fc.assert(
      fc.property(fc.array(argument), (list) => {
        const args = list.map((one) => `, ${one}`).join('')
        return turnBack(`wrapper(f${args});`) === `f(${args.slice(2)});`
      }),
    )
  })

  it('takes long hostile text in linear time', () => {
    for (const part of ['wrapper(', '"', "1'", '(', 'wrapper(f<', '7', 'x', '\\', '/*', '//\\\n', 'R"']) {
      const started = performance.now()
      turnBack(part.repeat(1_000_000 / part.length))
      assert.ok(performance.now() - started < 20_000, part)
    }
  })
})
