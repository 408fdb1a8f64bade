import fc from 'fast-check'
import { z } from 'zod'
import { LIVE_CID, LIVE_NONCE } from './live.ts'

/** What of JSON Schema (2020-12) the messages' schemas come to. A field without anything is bytes. */
export interface Shape {
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  anyOf?: Shape[]
  oneOf?: Shape[]
  allOf?: Shape[]
  properties?: Record<string, Shape>
  required?: string[]
  propertyNames?: Shape
  additionalProperties?: Shape | boolean
  items?: Shape
  prefixItems?: Shape[]
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
}

/** The form of a message, read from the schema that checks it: there is no second list to forget a message in. */
export function shapeOf(schema: z.ZodType): Shape {
  return z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }) as Shape
}

/** Lists and texts are short more often than long, and sometimes as long as they may be. */
const LONGEST = 8

/** Values of a form, most of them valid: what a schema refines beyond its form they may break. */
export function valuesOf(shape: Shape): fc.Arbitrary<unknown> {
  if ('const' in shape) return fc.constant(shape.const)
  if (shape.enum !== undefined) return fc.constantFrom(...shape.enum)
  const either = shape.anyOf ?? shape.oneOf
  if (either !== undefined) return fc.oneof(...either.map(valuesOf))
  if (Array.isArray(shape.type)) return fc.oneof(...shape.type.map((type) => valuesOf({ ...shape, type })))
  switch (shape.type) {
    case 'object':
      return objectsOf(shape)
    case 'array':
      return fc.array(valuesOf(shape.items ?? {}), { minLength: shape.minItems ?? 0, maxLength: longest(shape.maxItems) })
    case 'string':
      return stringsOf(shape)
    case 'integer':
      return integersOf(shape)
    case 'number':
      return fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.double({ min: 0, max: 1, noNaN: true }))
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    default:
      return fc.uint8Array({ maxLength: 64 })
  }
}

function objectsOf({ properties = {}, required = [], additionalProperties, propertyNames }: Shape): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(Object.entries(properties).map(([name, shape]) => [name, valuesOf(shape)]))
  if (typeof additionalProperties === 'object') {
    return fc.dictionary(valuesOf(propertyNames ?? { type: 'string' }) as fc.Arbitrary<string>, valuesOf(additionalProperties), {
      maxKeys: LONGEST,
    })
  }
  return fc.record(fields, { requiredKeys: required })
}

function stringsOf({ pattern, minLength = 0, maxLength }: Shape): fc.Arbitrary<string> {
  const form = new RegExp(pattern ?? '')
  const live = [LIVE_NONCE, LIVE_CID].filter((text) => form.test(text) && text.length <= (maxLength ?? Infinity))
  const any =
    pattern === undefined ? fc.string({ minLength, maxLength: Math.max(minLength, longest(maxLength)) }) : fc.stringMatching(form)
  return live.length === 0 ? any : fc.oneof(any, fc.constantFrom(...live))
}

function integersOf(shape: Shape): fc.Arbitrary<number> {
  const min = shape.minimum ?? (shape.exclusiveMinimum === undefined ? Number.MIN_SAFE_INTEGER : shape.exclusiveMinimum + 1)
  const max = shape.maximum ?? Number.MAX_SAFE_INTEGER
  return fc.oneof(fc.integer({ min, max: Math.min(max, min + 100) }), fc.integer({ min, max }), fc.constantFrom(min, max))
}

function longest(most = LONGEST): number {
  return Math.min(most, LONGEST)
}
