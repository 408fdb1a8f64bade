import { type Coverage, encodeCoverage } from '../../protocol/index.ts'
import type { Jail } from '../jail/jail.ts'
import { ask } from '../toolchain/ask.ts'
import { parseLibraries } from '../toolchain/libraries.ts'
import { place } from '../toolchain/place.ts'
import { type Reader, readWith } from '../toolchain/reader.ts'
import { readAnswer } from './answer.ts'

/** Some hundred bytes a line. */
const ANSWER_BYTES = 16 * 1024 ** 2
const NOTES_AT = '/notes'
/** gcov finds the counters by the name of the notes, in one folder. */
const SCRIPT = 'cat /notes > unit.gcno && cat > unit.gcda && exec "$0" --json-format --stdout --branch-probabilities unit.gcno'

/** Asks what gcov and the shell that feeds it are linked to. @throws SandboxFault `toolchain` */
export async function openCoverageTool(path: string): Promise<Reader> {
  const programs = [path, '/bin/sh', '/bin/cat']
  const libraries = await Promise.all(
    programs.map(async (program) => parseLibraries(await ask(program, [], { LD_TRACE_LOADED_OBJECTS: '1' }))),
  )
  return { path, mounts: await place([...programs, ...libraries.flat()]) }
}

/** Notes and counters -> what was reached, by gcov in a jail: the counters are what a stranger's program has left. */
export class CoverageReader {
  readonly #jail: Jail
  readonly #tool: Reader
  constructor(components: { jail: Jail; tool: Reader }) {
    this.#jail = components.jail
    this.#tool = components.tool
  }

  /** The coverage as text, or what is wrong with the counters. */
  async read(
    { notes, counters }: { notes: Uint8Array; counters: Uint8Array },
    { signal }: { signal: AbortSignal },
  ): Promise<{ text: Uint8Array } | { wrong: string }> {
    const { stop, exitCode, stdout } = await readWith(
      { jail: this.#jail, tool: this.#tool },
      {
        argv: ['/bin/sh', '-c', SCRIPT, this.#tool.path],
        data: { at: NOTES_AT, bytes: notes },
        stdin: counters,
        answerBytes: ANSWER_BYTES,
      },
      { signal },
    )
    if (stop !== 'ended' || exitCode !== 0) return { wrong: `gcov did not read the counters (${exitCode ?? stop})` }
    const coverage: Coverage | null = readAnswer(stdout.toString('utf8'))
    const text = coverage === null ? null : encodeCoverage(coverage)
    return text === null ? { wrong: 'what gcov says of the counters is nothing, or too much' } : { text }
  }
}
