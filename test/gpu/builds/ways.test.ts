import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { NO_NVCC } from '../../nvcc/fixture.ts'
import { sample } from '../../support/sample.ts'
import { build, compareHeaders, comparePrinting, compareWays } from './both.ts'
import { corpusPrograms, devPrograms, examplePrograms } from './programs.ts'
import { programOf, REFUSED, ROWS } from './rows.ts'
import { openStage, type Stage } from './stage.ts'

/** All of them are compared by `node test/gpu/builds/all.ts`, too. */
const STRIDE = { ways: 50, headers: 90, printing: 90 }

describe('building for a GPU', { skip: NO_NVCC }, () => {
  let stage: Stage
  before(async () => {
    stage = await openStage()
  })

  for (const row of ROWS) {
    test(`${row.id}: ${row.way}`, async () => {
      const found = await compareWays(stage, programOf(row))
      if (row.way === 'own') {
        assert.equal(found.kind, 'own', JSON.stringify(found))
        assert.notEqual(found.kind === 'own' && found.reason, '')
      } else assert.deepEqual(found, { kind: 'equal', tests: 1 })
    })
  }

  for (const { id, code, host } of REFUSED) {
    test(`refused both ways: ${id}`, async () => {
      const row = id === 'a type that cannot be printed' ? { test: 'int a[4] = {};\nwrapper(other, a);\n' } : {}
      const program = programOf({ id, way: 'fast', code, ...(host === undefined ? {} : { host }), ...row })
      const [fast, own] = [await build(stage.builder, program, { ways: ['fast', 'own'] }), await build(stage.builder, program)]
      assert.equal(own.kind === 'none' && own.status, 'compile_error', JSON.stringify(own.kind))
      assert.equal(fast.kind === 'none' && fast.status, 'compile_error', JSON.stringify(fast.kind))
    })
  }

  test('a program that would change what surrounds it gets a plain unit', async () => {
    const program = programOf({ id: '', way: 'own', code: `#define cudaMemcpy(a, b, c, d) 0\n#define int int\n${ROWS[0]?.code}` })
    const built = await build(stage.builder, program, { ways: ['fast', 'own'] })
    assert.deepEqual(
      [built.kind, built.kind === 'product' && built.unit, built.kind === 'product' && built.way],
      ['product', 'plain', 'own'],
    )
  })

  test('values of every kind print as wrapper prints them', async () => {
    const program = programOf({
      id: '',
      way: 'fast',
      code: 'void run(bool *b, char *c, unsigned char u, signed char s, short h, unsigned long l, float f, double *d, long double e, const int (*t)[3], int (*q)[2][2], wchar_t w, char16_t x, const char *p) {}',
      host: 'double back(float f) { return f / 3; }\nlong long large(int a) { return a * 1000000007LL; }\nbool is(int a) { return a; }\nchar letter(int a) { return a; }\nvoid fails(int a) { throw bad_exception(); }',
      test: `bool b[3] = {true, false, true}; char c[4] = "abc"; double d[4] = {1e-9, 1.0 / 3, -0.0, 1e300 * 1e10};
const int t[2][3] = {{1, 2, 3}, {4, 5, 6}}; int q[1][2][2] = {{{1, 2}, {3, 4}}}; float f = 16777216.5f; int one = 65;
wrapper(run, b, c, (unsigned char)65, (signed char)66, (short)-3, 18446744073709551615ul, f, d, 1.5L, t, q, L'x', u'y', "text");
wrapper(back, f); wrapper(large, one); wrapper(is, 2); wrapper(letter, one); wrapper(fails, one);\n`,
    })
    const { heavyBuilder, builder } = stage
    const [lean, all] = [await build(builder, program), await build(heavyBuilder, program)]
    assert.deepEqual([lean.kind, all.kind], ['product', 'product'], JSON.stringify(lean.kind === 'none' && lean.detail))
    assert.deepEqual(
      await stage.play(lean.kind === 'product' ? lean.bytes : all.kind === 'product' ? all.bytes : Buffer.of(), 0),
      {
        ...(await stage.play(all.kind === 'product' ? all.bytes : Buffer.of(), 0)),
      },
    )
  })

  const programs = [...corpusPrograms(), ...examplePrograms(), ...devPrograms()]
  for (const { id, program } of sample(programs, STRIDE.ways)) {
    test(`both ways are equal: ${id}`, async () => {
      const found = await compareWays(stage, program)
      assert.ok(found.kind !== 'differs', JSON.stringify(found))
    })
  }
  for (const { id, program } of sample(programs, STRIDE.headers)) {
    test(`few headers do what all do: ${id}`, async () => {
      const found = await compareHeaders(stage, program)
      assert.ok(found.kind !== 'differs', JSON.stringify(found))
    })
  }
  for (const { id, program } of sample(programs, STRIDE.printing)) {
    test(`prints as wrapper does: ${id}`, async () => {
      const found = await comparePrinting(stage, program)
      assert.ok(found.kind !== 'differs', JSON.stringify(found))
    })
  }
})
