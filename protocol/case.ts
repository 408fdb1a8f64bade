import { z } from 'zod'
import { UsageError } from './errors.ts'
import { expectation } from './issue.ts'
import { MAX_LINE_BYTES, MAX_TESTS_PER_CASE } from './limits.ts'

/** That a case is a known-wrong variant of another, as `kernelswarm mutate` writes it. */
export const MutantMark = z.strictObject({
  /** The id of the case it came from, or `#n` for line n where that has none. */
  origin: z.string().max(1024),
  /** What was changed. */
  kind: z.string().max(64),
})
export type MutantMark = z.infer<typeof MutantMark>

/** Which side of a case a program, code or test belongs to. */
export type Side = 'cpp' | 'cuda'
export const SIDES: readonly Side[] = ['cpp', 'cuda']

/**
 * One pair to verify: a sequential function, its CUDA translation (kernel and host wrapper),
 * and the same test inputs for both sides, in the same order.
 */
export const Case = z.strictObject({
  /** The researcher's own key, or null. */
  id: z.union([z.string().max(1024), z.int(), z.null()]),
  /** Lines of one problem differ only in the translation: `problem` of the line, else a hash of the original code. */
  problem: z.string().max(1024),
  /** The original side; the other one is the translation. */
  source: z.enum(['cpp', 'cuda']),
  cpp: z.string(),
  cuda: z.string(),
  wrapper: z.string(),
  cppTests: z.array(z.string()),
  cudaTests: z.array(z.string()),
  /** A translation that is known to be good, which scores may compare this one with. Nothing runs it. */
  reference: z.string().optional(),
  mutant: MutantMark.optional(),
})
export type Case = z.infer<typeof Case>

const code = z.string().refine((text) => text.trim() !== '', 'must not be empty')
/** A test may be a blank (the pipeline writes one where it could not parse an answer): it runs, and prints nothing. */
const tests = z.array(z.string().min(1, 'must not be empty')).max(MAX_TESTS_PER_CASE)
const common = {
  id: z.union([z.string().max(1024), z.int()]).nullish(),
  problem: z.union([z.string().max(1024), z.int()]).nullish(),
  source: z.enum(['CPP', 'CUDA']).nullish(),
  reference: code.nullish(),
  mutant: z.object(MutantMark.shape).nullish(),
  consistent_cpp_inputs: tests,
  consistent_cuda_inputs: tests,
}

/** The two accepted forms of a line: the test set's names, and the pipeline's. Unknown fields are left alone. */
const TestSetLine = z.looseObject({ cpp_code: code, cuda_code: code, cuda_wrapper: code, ...common })
const PipelineLine = z.looseObject({ CPP: code, CUDA: code, CUDA_WRAPPER: code, ...common })

/**
 * Reads one line of a case file.
 * @throws UsageError `case` naming file, line, field and what was expected; nothing is half taken.
 */
export function parseCaseLine(line: string, where: { file: string; line: number }, hash: (text: string) => string): Case {
  const at = `${where.file}, line ${where.line}`
  const bytes = Buffer.byteLength(line)
  if (bytes > MAX_LINE_BYTES) {
    throw new UsageError('case', `${at}: ${bytes} bytes; a line may have at most ${MAX_LINE_BYTES}`)
  }
  const value = parseJson(line, at)
  const fields = read(value, at)
  if (fields.cppTests.length !== fields.cudaTests.length) {
    throw new UsageError(
      'case',
      `${at}, field consistent_cuda_inputs: ${fields.cudaTests.length} inputs, but consistent_cpp_inputs has ${fields.cppTests.length}; both sides need the same inputs in the same order`,
    )
  }
  const original = fields.source === 'cpp' ? fields.cpp : fields.cuda
  return { ...fields, problem: fields.problem ?? hash(original) }
}

function parseJson(line: string, at: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    const why = line.trimStart().startsWith('[')
      ? 'it begins an array: write one object a line, without brackets'
      : (error as Error).message
    throw new UsageError('case', `${at}: not a JSON object (${why})`)
  }
}

function read(value: unknown, at: string): Omit<Case, 'problem'> & { problem: string | null } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(
      'case',
      `${at}: expected one JSON object, found ${Array.isArray(value) ? 'an array' : String(value).slice(0, 40)}`,
    )
  }
  const pipeline = 'CPP' in value || 'CUDA' in value
  const form = pipeline ? PipelineLine : TestSetLine
  const result = form.safeParse(value)
  if (!result.success) throw new UsageError('case', `${at}, ${complaint(result.error, value)}`)
  const { data } = result
  const names = pipeline
    ? { cpp: data.CPP, cuda: data.CUDA, wrapper: data.CUDA_WRAPPER }
    : { cpp: data.cpp_code, cuda: data.cuda_code, wrapper: data.cuda_wrapper }
  return {
    id: data.id ?? null,
    problem: data.problem == null ? null : String(data.problem),
    source: data.source === 'CUDA' ? 'cuda' : 'cpp',
    cpp: names.cpp as string,
    cuda: names.cuda as string,
    wrapper: names.wrapper as string,
    cppTests: data.consistent_cpp_inputs,
    cudaTests: data.consistent_cuda_inputs,
    ...(data.reference == null ? {} : { reference: data.reference }),
    ...(data.mutant == null ? {} : { mutant: data.mutant }),
  }
}

function complaint(error: z.ZodError, value: object): string {
  const issue = error.issues[0]
  const [field, index] = issue?.path ?? []
  const part = typeof index === 'number' ? `, input ${index + 1}` : index === undefined ? '' : `.${String(index)}`
  const name = `field ${String(field)}${part}`
  if (issue?.code === 'invalid_type' && index === undefined && !(String(field) in value)) {
    return `${name}: missing; expected ${issue.expected}`
  }
  return `${name}: ${issue === undefined ? 'not as expected' : expectation(issue)}`
}
