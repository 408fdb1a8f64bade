import { z } from 'zod'
import {
  AnnouncedRound,
  Announcement,
  Caps,
  Case,
  Environment,
  Finding,
  FromNode,
  FromResearcher,
  GpuEnvironment,
  IsolatedReport,
  KindFigures,
  OwnerCertificate,
  Program,
  Receipt,
  RoundProgress,
  RoundSpec,
  RunLimits,
  SwarmFigures,
  Task,
  TestOutcome,
  ToNode,
  ToResearcher,
  UnsignedVerdict,
} from '../../protocol/index.ts'
import type { Shape } from '../fuzz/arbitrary.ts'

/** A form with what the schema library's JSON leaves out. */
type Form = Shape & { name?: string; bytes?: number | null }

/** Parts that have a name in the document. */
const NAMED = new Map<unknown, string>([
  [Environment, 'environment'],
  [GpuEnvironment, 'gpu-environment'],
  [Finding, 'finding'],
  [TestOutcome, 'test-outcome'],
  [Task, 'task'],
  [RunLimits, 'run-limits'],
  [RoundSpec, 'round-spec'],
  [Caps, 'caps'],
  [Case, 'case'],
  [RoundProgress, 'round-progress'],
  [SwarmFigures, 'swarm-figures'],
  [KindFigures, 'kind-figures'],
  [AnnouncedRound, 'announced-round'],
])

/** The blocks of the document, and what each is made from. */
export const GRAMMARS: Readonly<Record<string, readonly [name: string, schema: z.ZodType][]>> = {
  'from-node': [['from-node', FromNode]],
  'to-node': [['to-node', ToNode]],
  'from-researcher': [['from-researcher', FromResearcher]],
  'to-researcher': [['to-researcher', ToResearcher]],
  signed: [
    ['verdict', UnsignedVerdict],
    ['owner-certificate', OwnerCertificate],
    ['receipt', Receipt],
    ['announcement', Announcement],
  ],
  content: [
    ['program', Program],
    ['isolated-report', IsolatedReport],
  ],
  parts: [
    ['task', Task],
    ['round-spec', RoundSpec],
    ['case', Case],
    ['round-progress', RoundProgress],
    ['environment', Environment],
  ],
}

/** Names that stand in `parts`, whoever uses them. */
const SHARED = ['environment', 'gpu-environment', 'task', 'run-limits', 'round-spec', 'caps', 'case', 'round-progress']

/** A block of the document in CDDL (RFC 8610): the names of the block first, then those that only it uses. */
export function grammar(block: string): string {
  const rules = new Map<string, string>()
  for (const [name, schema] of GRAMMARS[block] ?? []) addRule(name, formOf(schema), rules)
  const isElsewhere = (name: string) => block !== 'parts' && SHARED.includes(name)
  return [...rules]
    .filter(([name]) => !isElsewhere(name))
    .map(([name, text]) => `${name} = ${text}`)
    .join('\n\n')
}

function addRule(name: string, form: Form, rules: Map<string, string>): void {
  if (rules.has(name)) return
  rules.set(name, '')
  const either = form.oneOf ?? form.anyOf
  const kind = (one: Form) => one.properties?.t?.const as string | undefined
  if (either?.every((one) => kind(one) !== undefined)) {
    // Messages: each is a rule of its own.
    rules.set(name, either.map((one) => `${name}-${kind(one)}`).join('\n  / '))
    for (const one of either) rules.set(`${name}-${kind(one)}`, typeOf(one, rules, '', true))
    return
  }
  rules.set(name, typeOf(form, rules, '', true))
}

function typeOf(form: Form, rules: Map<string, string>, indent: string, isRoot = false): string {
  if (form.name !== undefined && !isRoot) {
    addRule(form.name, form, rules)
    return form.name
  }
  if ('const' in form) return JSON.stringify(form.const)
  if (form.enum !== undefined) return form.enum.map((one) => JSON.stringify(one)).join(' / ')
  const either = form.oneOf ?? form.anyOf
  if (either !== undefined) return either.map((one) => typeOf(one, rules, indent)).join(' / ')
  if (Array.isArray(form.type)) return form.type.map((type) => typeOf({ ...form, type }, rules, indent)).join(' / ')
  switch (form.type) {
    case 'object':
      return mapOf(form, rules, indent)
    case 'array':
      return `[${form.minItems ?? 0}*${form.maxItems ?? ''} ${grouped(typeOf(form.items ?? {}, rules, indent))}]`
    case 'string':
      return textOf(form)
    case 'integer':
      return rangeOf(form, 'int')
    case 'number':
      return form.minimum === undefined && form.exclusiveMinimum === undefined ? 'number' : rangeOf(form, 'number')
    case 'boolean':
      return 'bool'
    case 'null':
      return 'null'
    default:
      return form.bytes == null ? 'bstr' : `bstr .size (0..${form.bytes})`
  }
}

function mapOf(
  { properties = {}, required = [], additionalProperties, propertyNames }: Form,
  rules: Map<string, string>,
  indent: string,
) {
  if (typeof additionalProperties === 'object') {
    return `{ * (${typeOf(propertyNames ?? { type: 'string' }, rules, indent)}) => ${typeOf(additionalProperties, rules, indent)} }`
  }
  const inner = `${indent}  `
  const fields = Object.entries(properties).map(
    ([name, form]) => `${inner}${required.includes(name) ? '' : '? '}${name}: ${typeOf(form, rules, inner)},`,
  )
  return fields.length === 0 ? '{}' : `{\n${fields.join('\n')}\n${indent}}`
}

function textOf({ pattern, minLength = 0, maxLength }: Form): string {
  if (pattern !== undefined) return `tstr .regexp ${JSON.stringify(pattern.replace(/^\^|\$$/g, ''))}`
  if (maxLength !== undefined) return `tstr .size (${minLength}..${maxLength})`
  return minLength > 0 ? `tstr .size (${minLength}..)` : 'tstr'
}

function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Form, name: string): string {
  const from = minimum ?? (exclusiveMinimum === undefined ? null : exclusiveMinimum + (name === 'int' ? 1 : 0))
  const to = maximum ?? exclusiveMaximum ?? null
  if (from === null && to === null) return name
  // In CDDL a range between integers has integers only.
  const written = (value: number | null) => (name === 'number' && Number.isInteger(value) ? `${value}.0` : String(value))
  return to === null ? `${name} .ge ${written(from)}` : `${written(from)}..${written(to)}`
}

function grouped(type: string): string {
  return type.includes(' / ') ? `(${type})` : type
}

/** As `shapeOf`, with names and lengths of bytes. */
function formOf(schema: z.ZodType): Form {
  return z.toJSONSchema(schema, {
    unrepresentable: 'any',
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      const name = NAMED.get(zodSchema)
      if (name !== undefined) Object.assign(jsonSchema, { name })
      if (zodSchema._zod.def.type === 'custom') Object.assign(jsonSchema, { bytes: mostBytes(zodSchema as unknown as z.ZodType) })
    },
  }) as Form
}

/** What a check of bytes says of them when it is asked: JSON has no bytes. */
function mostBytes(schema: z.ZodType): number | null {
  const said = schema.safeParse(null).error?.issues[0]?.message ?? ''
  const found = /at most (\d+) bytes/.exec(said)?.[1]
  return found === undefined ? null : Number(found)
}
