import { plainSandbox } from './fixture.ts'
import { wrongRows } from './limit-rows.ts'

/** Runs all rows of limits as whoever started this, with a cache folder of his own; prints what is wrong. */
const sandbox = await plainSandbox({ cacheDir: process.argv[2] ?? '' })
const wrong = await wrongRows(sandbox)
if (wrong.length > 0) {
  process.stdout.write(`${sandbox.environment('host').limits.join(', ')}\n${wrong.join('\n')}\n`)
  process.exitCode = 1
}
