/**
 * Compares nvcc with the emulated executor on what compiles, for the CUDA side of a case file:
 * `node test/corpus/compile/cases.ts FILE [EVERY]` (every so manieth case). Prints the counts and who differs, as JSON.
 */
import { readCases } from '../../../protocol/case-file.ts'
import { createSandbox } from '../../../sandbox/index.ts'
import { CACHE } from '../../support/cache.ts'
import type { Kind, Recorded } from './kinds.ts'
import { askNvcc } from './nvcc.ts'
import { compareEmulated } from './verdicts.ts'

const [, , file, stride = '1'] = process.argv
if (file === undefined) throw new Error('which case file?')
const kinds: Kind[] = []
let index = 0
for await (const { id, cuda, wrapper, cudaTests } of readCases(file)) {
  if (index++ % Number(stride) === 0)
    kinds.push({ id: `${index} ${id}`, title: '', code: cuda, wrapper, test: cudaTests[0] ?? ';' })
}
const answers = await askNvcc(kinds.map(({ code, wrapper, test }) => ({ code, wrapper, tests: [test] })))
const record = kinds.map(({ id }, at): Recorded => {
  return { id, nvcc: answers[at]?.accepts ? 'accepts' : 'refuses', says: answers[at]?.says ?? '' }
})
const compared = await compareEmulated(await createSandbox({ cacheDir: CACHE }), kinds, record)
const counts: Record<string, number> = {}
for (const [at, { standing }] of compared.entries()) {
  const key = `nvcc ${record[at]?.nvcc}: ${standing}`
  counts[key] = (counts[key] ?? 0) + 1
}
const differing = compared.filter(({ standing }) => standing !== 'agrees')
console.log(JSON.stringify({ cases: kinds.length, counts, differing }, null, 1))
