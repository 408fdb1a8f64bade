import { BUILDS, compose, composeSingle, INCLUDE_DIR } from '../source/compose.ts'
import { explainFailure } from '../source/explain.ts'
import type { SourceComposer } from '../toolchain/composer.ts'

/** The harness and emulator of this project. */
export const projectComposer: SourceComposer = {
  compose,
  composeSingle,
  explainFailure,
  includeDir: INCLUDE_DIR,
  builds: BUILDS,
}
