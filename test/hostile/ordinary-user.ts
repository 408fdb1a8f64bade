import { ATTACKS } from './attacks.ts'
import { contained, Sandboxes } from './contained.ts'

/** What came of one attack; `wrong` is null where it was contained. */
export interface Report {
  limits: string[]
  rows: { id: string; name: string; wrong: string | null }[]
}

/**
 * Runs attacks in the sandbox of whoever started this, and prints a report as JSON:
 *
 *     KERNELSWARM_TEST_CACHE=FOLDER node test/hostile/ordinary-user.ts C R
 */
const groups = process.argv.slice(2)
const sandboxes = new Sandboxes()
const rows: Report['rows'] = []
for (const attack of ATTACKS.filter(({ id }) => groups.includes(id.slice(0, 1)))) {
  const { id, name, compileWallMs } = attack
  const wrong = await sandboxes
    .of(compileWallMs)
    .then((sandbox) => contained(sandbox, attack))
    .then(
      () => null,
      (error) => String(error),
    )
  rows.push({ id, name, wrong })
}
const report: Report = { limits: (await sandboxes.of(undefined)).environment('host').limits, rows }
process.stdout.write(`${JSON.stringify(report)}\n`)
