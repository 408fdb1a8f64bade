import type { BuildSettings } from '../source/settings.ts'

/** Where the unit's counters are left in a run, and beside it where the compiler leaves what they count. */
const PLACE = '/tmp'
const NAME = 'unit'
export const NOTES_AT = `${PLACE}/${NAME}.gcno`

/** Only what stands in the program's code is counted: neither its tests nor the harness, so that counters are few. */
const FILTER = '-fprofile-filter-files=(^|/)code$'

/** How units of the coverage pass are built: as plain ones, and counting. */
export function coverageBuild(plain: readonly string[]): BuildSettings {
  return {
    prelude: 'coverage/host.h',
    flags: [...plain, '--coverage', FILTER],
    // g++ 11: the names of both files follow from these, whatever the product is called.
    link: ['-dumpdir', `${PLACE}/`, '-dumpbase', NAME, '-dumpbase-ext', ''],
    beside: NOTES_AT,
    needs: 'gcov',
  }
}
