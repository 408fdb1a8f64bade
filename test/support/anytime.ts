import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Preferences of a node under test: whoever runs the tests uses the machine, and other tests its processors; it is not to mind. */
export const ANYTIME = 'other-cpu-percent: null\nidle-after-minutes: 0\non-battery: true\nin-use:\n  cpu: true\n'

/** Puts them into a node's folder, as its owner would, unless there are some. */
export function anytime(data: string): void {
  mkdirSync(data, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(join(data, 'preferences.yaml'), ANYTIME, { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
