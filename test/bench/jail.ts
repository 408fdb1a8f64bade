import { parseArgs } from 'node:util'
import { CACHE } from '../support/cache.ts'
import { measureJail } from './jail-overhead.ts'

/** What a jail adds to a run. */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '300' },
    cgroups: { type: 'string', default: 'where-possible' },
  },
})
const cgroups = values.cgroups === 'never' ? 'never' : 'where-possible'
const figures = await measureJail({ cacheDir: CACHE, runs: Number(values.runs), cgroups })
if (!values.json) for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name.padEnd(22)} ${value}\n`)
else process.stdout.write(`${JSON.stringify(figures)}\n`)
