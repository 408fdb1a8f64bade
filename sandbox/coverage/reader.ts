import { type Coverage, encodeCoverage } from '../../protocol/index.ts'
import type { Jail } from '../jail/jail.ts'
import { COMPILE_RESERVE_BYTES, COMPILE_TASKS, DIAGNOSTIC_BYTES, RUN_TEMPORARY_BYTES } from '../jail/limits.ts'
import { COMPILE_ENVIRONMENT, type Mount } from '../jail/policy.ts'
import { ask } from '../toolchain/ask.ts'
import { parseLibraries } from '../toolchain/libraries.ts'
import { place } from '../toolchain/place.ts'
import { readAnswer } from './answer.ts'

/** Counters of one small program take milliseconds; forged ones may keep the tool busy. */
const READ_MS = 20_000
const READ_BYTES = 512 * 1024 ** 2
/** Some hundred bytes a line. */
const ANSWER_BYTES = 16 * 1024 ** 2
const NOTES_AT = '/notes'
/** gcov finds the counters by the name of the notes, in one folder. */
const SCRIPT = 'cat /notes > unit.gcno && cat > unit.gcda && exec "$0" --json-format --stdout --branch-probabilities unit.gcno'

/** gcov, and what it needs of the system. */
export interface CoverageTool {
  path: string
  mounts: Mount[]
}

/** Asks what gcov and the shell that feeds it are linked to. @throws SandboxFault `toolchain` */
export async function openCoverageTool(path: string): Promise<CoverageTool> {
  const programs = [path, '/bin/sh', '/bin/cat']
  const libraries = await Promise.all(
    programs.map(async (program) => parseLibraries(await ask(program, [], { LD_TRACE_LOADED_OBJECTS: '1' }))),
  )
  return { path, mounts: await place([...programs, ...libraries.flat()]) }
}

/** Notes and counters -> what was reached, by gcov in a jail: the counters are what a stranger's program has left. */
export class CoverageReader {
  readonly #jail: Jail
  readonly #tool: CoverageTool
  constructor(components: { jail: Jail; tool: CoverageTool }) {
    this.#jail = components.jail
    this.#tool = components.tool
  }

  /** The coverage as text, or what is wrong with the counters. */
  async read(
    { notes, counters }: { notes: Uint8Array; counters: Uint8Array },
    { signal }: { signal: AbortSignal },
  ): Promise<{ text: Uint8Array } | { wrong: string }> {
    const { stop, exitCode, stdout } = await this.#jail.run(
      {
        argv: ['/bin/sh', '-c', SCRIPT, this.#tool.path],
        environment: COMPILE_ENVIRONMENT,
        mounts: this.#tool.mounts,
        data: { at: NOTES_AT, bytes: notes },
        stdin: counters,
        filter: 'run',
        limits: {
          wallMs: READ_MS,
          memoryBytes: READ_BYTES,
          reserveBytes: COMPILE_RESERVE_BYTES,
          tasks: COMPILE_TASKS,
          temporaryBytes: RUN_TEMPORARY_BYTES,
          sharedBytes: 0,
          stdoutBytes: ANSWER_BYTES,
          stderr: { maxBytes: DIAGNOSTIC_BYTES, whenFull: 'discard' },
        },
      },
      { signal },
    )
    if (stop !== 'ended' || exitCode !== 0) return { wrong: `gcov did not read the counters (${exitCode ?? stop})` }
    const coverage: Coverage | null = readAnswer(stdout.toString('utf8'))
    const text = coverage === null ? null : encodeCoverage(coverage)
    return text === null ? { wrong: 'what gcov says of the counters is nothing, or too much' } : { text }
  }
}
