import type { Feature } from './build.ts'
import { checkFeatures } from './check-features.ts'

const called = (value: string, args: string) => `Return value: ${value}\nArguments after function call: (${args})\n`

/** What the harness prints, as the reference prints it. */
const FEATURES: Feature[] = [
  {
    id: 'a void function',
    code: 'void twice(int *a, int n) { for (int i = 0; i < n; i++) a[i] *= 2; }',
    test: 'int a[] = {1, 2, 3};\nwrapper(twice, a, 3);',
    prints: called('void', '[ 2, 4, 6 ], 3'),
  },
  {
    id: 'a number returned, default precision',
    code: 'double third(float x) { return x / 3; }',
    test: 'wrapper(third, 1.0f);',
    prints: called('0.333333', '1'),
  },
  {
    id: 'nan, infinities, large and small',
    code: 'void leave(double *) {}',
    test: 'double a[] = {INFINITY, -INFINITY, 1e20, 1e-7, 12345678}; wrapper(leave, a);',
    prints: called('void', '[ inf, -inf, 1e+20, 1e-07, 1.23457e+07 ]'),
  },
  {
    id: 'rows of a 2-D array',
    code: 'void rows(int (*m)[3]) { m[1][2] = 9; }',
    test: 'int m[2][3] = {{1, 2, 3}, {4, 5, 6}}; wrapper(rows, m);',
    prints: called('void', '[\n  [ 1, 2, 3 ],\n  [ 4, 5, 9 ],\n]'),
  },
  {
    id: 'a vector by reference',
    code: 'void grow(std::vector<int> &v) { v.push_back(3); }',
    test: 'vector<int> v{1, 2}; wrapper(grow, v);',
    prints: called('void', '[1, 2, 3]'),
  },
  {
    id: 'vectors of vectors',
    code: 'size_t count(const std::vector<std::vector<float>> &v) { return v.size(); }',
    test: 'vector<vector<float>> v{{1, 2}, {}}; wrapper(count, v);',
    prints: called('2', '[[1, 2], []]'),
  },
  {
    id: 'characters as they are',
    code: 'void shout(char *s, unsigned char *u) { s[0] = 65; u[0] = 200; }',
    test: 'char s[] = "ab"; unsigned char u[2] = {1, 2}; wrapper(shout, s, u);',
    prints: called('void', '[ A, b, \0 ], [ \xc8, \x02 ]'),
  },
  {
    id: 'bool, string, long long',
    code: 'bool is(bool b, string s, long long n) { return !b; }',
    test: 'wrapper(is, true, string("a b"), 1LL << 40);',
    prints: called('0', '1, a b, 1099511627776'),
  },
  {
    id: 'a pointer as its address',
    code: 'int *same(int *p) { return p; }',
    test: 'int *p = (int *)0x1234; wrapper(same, p);',
    prints: called('0x1234', '0x1234'),
  },
  { id: 'no arguments', code: 'int seven() { return 7; }', test: 'wrapper(seven);', prints: called('7', '') },
  {
    id: 'an exception',
    code: 'int at(int i) { std::vector<int> v(2); if (i == 9) throw std::runtime_error("nine"); return v.at(i); }',
    test: 'wrapper(at, 9);',
    prints: 'Runtime Error: nine\n',
  },
  { id: 'an exception outside of wrapper', test: 'throw std::logic_error("outside");', prints: 'Runtime Error: outside\n' },
  { id: 'a comment at the end', test: 'wrapper(seven); // the end', prints: called('7', '') },
  { id: 'a continued line at the end', test: 'wrapper(seven); // the end \\', prints: called('7', '') },
  { id: 'an exit code of its own', test: 'cout << 1; return 4;', prints: '1', exit: 4 },
  {
    id: 'arrays that were never set',
    code: 'int sum(int *a, int n) { int s = 0; for (int i = 0; i < n; i++) s += a[i]; return s; }',
    test: 'int a[40]; wrapper(sum, a, 40);',
    prints: called('0', `[ ${Array(40).fill(0).join(', ')} ], 40`),
  },
  {
    id: 'names that the harness uses',
    code: 'int print(int wrapper_) { return wrapper_; } struct Test {}; int run_test = 3;',
    test: 'int tests = 1; wrapper(print, tests);',
    prints: called('1', '1'),
  },
  { id: 'assert that holds', test: 'assert(1 + 1 == 2); cout << "held";', prints: 'held' },
]

checkFeatures('host', FEATURES)
