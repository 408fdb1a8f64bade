import { allShareFile, BUILDS, compose, composeSingle, INCLUDE_DIR } from '../source/compose.ts'
import { explainFailure } from '../source/explain.ts'
import { nvccUnit } from '../source/nvcc-unit.ts'
import type { SourceComposer } from '../toolchain/composer.ts'

/** The harness and emulator of this project. */
export const projectComposer: SourceComposer = {
  sharesFile: allShareFile,
  compose,
  composeSingle,
  nvccUnit,
  explainFailure,
  includeDir: INCLUDE_DIR,
  builds: BUILDS,
}
