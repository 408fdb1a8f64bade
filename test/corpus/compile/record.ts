/**
 * Asks the installed nvcc about every kind: `node test/corpus/compile/record.ts` writes nvcc.json, `--check` compares instead.
 * Run it after a change of kinds.txt, or of nvcc.
 */
import { writeFileSync } from 'node:fs'
import { readKinds, readRecord, recordFile } from './kinds.ts'
import { findNvcc } from './nvcc.ts'
import { recordOf } from './verdicts.ts'

const version = await findNvcc()
if (version === null) throw new Error('nvcc is not installed: what it says cannot be recorded')
const record = await recordOf(readKinds())
if (process.argv.includes('--check')) {
  const before = new Map(readRecord().map(({ id, nvcc }) => [id, nvcc]))
  const changed = record.filter(({ id, nvcc }) => before.get(id) !== nvcc)
  for (const { id, nvcc, says } of changed) console.log(`${id}: now ${nvcc} ${says}`)
  if (changed.length > 0) process.exitCode = 1
} else {
  writeFileSync(recordFile, `[\n${record.map((one) => `  ${JSON.stringify(one)}`).join(',\n')}\n]\n`)
}
console.log(`nvcc ${version}: accepts ${record.filter(({ nvcc }) => nvcc === 'accepts').length} of ${record.length}`)
