import { readFile, stat } from 'node:fs/promises'
import { LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { UsageError } from './errors.ts'
import { expectation } from './issue.ts'
import { nearest } from './nearest.ts'

/** Largest file that is read as YAML: written by hand, so it has some kilobytes. */
const MAX_YAML_BYTES = 1024 * 1024

/** Why a file cannot be read, where it is somebody's slip. */
const REASONS: Readonly<Record<string, string>> = { ENOENT: 'no such file', EISDIR: 'a folder' }

type Path = readonly PropertyKey[]

/** A YAML file that fits its schema, and where its fields stand. */
export interface YamlFile<T> {
  value: T
  text: string
  /** What is wrong with a field, as an error that names file, line and field. */
  complain: (path: Path, message: string) => UsageError
}

/**
 * Reads a YAML file whole and checks it before anything is done with it.
 * @throws UsageError `file` when it cannot be read, `plan` naming file, line, field and what was expected
 */
export async function readYaml<T>(file: string, schema: z.ZodType<T>): Promise<YamlFile<T>> {
  return parseYaml(file, await readYamlText(file), schema)
}

/**
 * Checks a YAML text.
 * @param file its name, as errors say it
 * @throws UsageError `plan` naming file, line, field and what was expected
 */
export function parseYaml<T>(file: string, text: string, schema: z.ZodType<T>): YamlFile<T> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, logLevel: 'error' })
  const lineAt = (offset: number) => lines.linePos(offset).line
  const problem = document.errors[0] ?? document.warnings[0]
  if (problem !== undefined) throw new UsageError('plan', `${file}, line ${lineAt(problem.pos[0])}: ${problem.message}`)
  const complain = (path: Path, message: string) => {
    const offset = offsetOf(document, path)
    const at = offset === null ? '' : `, line ${lineAt(offset)}`
    const field = path.length === 0 ? '' : `, field ${fieldName(path)}`
    return new UsageError('plan', `${file}${at}${field}: ${message}`)
  }
  const parsed = schema.safeParse(toValue(document, complain))
  if (parsed.success) return { value: parsed.data, text, complain }
  const { issues } = parsed.error
  // A slip in a name is also a field that is missing: the slip is what helps.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]
  const isThere = (path: Path) => path.length > 0 && document.hasIn(path)
  const { path, message } = innermost(issue as z.core.$ZodIssue, schema, isThere)
  throw complain(path, message)
}

/**
 * Reads a file of settings, if it is not too large to be one.
 * @throws UsageError `file`
 */
export async function readYamlText(file: string): Promise<string> {
  const unreadable = (error: NodeJS.ErrnoException) =>
    new UsageError('file', `${file}: ${REASONS[error.code ?? ''] ?? error.message}; expected a YAML file`)
  const { size } = await stat(file).catch((error) => {
    throw unreadable(error)
  })
  if (size > MAX_YAML_BYTES) throw new UsageError('file', `${file}: ${size} bytes; a YAML file may have ${MAX_YAML_BYTES}`)
  return await readFile(file, 'utf8').catch((error) => {
    throw unreadable(error)
  })
}

type Document = ReturnType<typeof parseDocument>

/** Aliases are counted by the library, so that a small file cannot become a large value. */
function toValue(document: Document, complain: YamlFile<unknown>['complain']): unknown {
  try {
    return document.toJS()
  } catch (error) {
    throw complain([], (error as Error).message)
  }
}

/** Where a field stands, or the nearest one around it that is there. */
function offsetOf(document: Document, path: Path): number | null {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined
    if (node?.range) return node.range[0]
  }
  return null
}

function fieldName(path: Path): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`)).join('')
}

/** Unknown fields are named by themselves, not by what they stand in. */
function innermost(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  isThere: (path: Path) => boolean,
): { path: PropertyKey[]; message: string } {
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] as string
    const meant = nearest(key, fieldsAt(schema, issue.path))
    return { path: [...issue.path, key], message: meant === null ? 'no such field' : `no such field; is ${meant} meant?` }
  }
  if (issue.code === 'invalid_type' && !isThere(issue.path)) {
    return { path: issue.path, message: `missing; expected ${issue.expected}` }
  }
  if (issue.code === 'invalid_key') return { path: issue.path, message: issue.issues[0]?.message ?? issue.message }
  return { path: issue.path, message: expectation(issue) }
}

/** Names of the fields that an object of the schema may have at this place. */
function fieldsAt(schema: z.ZodType, path: Path): string[] {
  let at: unknown = schema
  for (const part of [...path, null]) {
    // Through defaults and the like, to what they are around.
    for (let def = definition(at); def?.innerType ?? def?.out; def = definition(at)) at = def.innerType ?? def.out
    const found = definition(at)
    if (part === null) return Object.keys(found?.shape ?? {})
    at = found?.element ?? found?.shape?.[String(part)]
  }
  return []
}

interface Definition {
  innerType?: unknown
  out?: unknown
  element?: unknown
  shape?: Record<string, unknown>
}

function definition(schema: unknown): Definition | undefined {
  return (schema as { def?: Definition } | undefined)?.def
}
