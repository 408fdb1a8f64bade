/** What one call of wrapper showed, as text: elements to compare, not numbers. */
export interface CallValues {
  /** Null where it threw. */
  returned: Value | null
  arguments: Value[]
}

export interface Value {
  /** Type and counts, or all there is where it has no elements. */
  head: string
  elements: string[]
}

/** Reads the values of a report (grammar: protocol/report.ts). */
export function readValues(bytes: Buffer): CallValues[] {
  const calls: CallValues[] = []
  for (const line of bytes.toString('latin1').split('\n')) {
    const call = calls.at(-1)
    if (line === 'call') calls.push({ returned: null, arguments: [] })
    else if (line.startsWith('return ') && call !== undefined) call.returned = asValue(line.slice('return '.length))
    else if (line.startsWith('arg ')) call?.arguments.push(asValue(line.slice('arg '.length)))
    else if (line.startsWith('thrown ')) call?.arguments.push(asValue(line))
  }
  return calls
}

function asValue(text: string): Value {
  const [head = '', ...elements] = text.split(' ')
  return { head, elements }
}

/** A place where two runs show something else. Call and argument from 1; argument 0 is what was returned, element null the whole. */
export interface Difference {
  call: number
  argument: number
  element: number | null
}

/** The first place where the values of two runs differ; null where they are the same. */
export function firstDifference(one: readonly CallValues[], other: readonly CallValues[]): Difference | null {
  for (let call = 0; call < Math.max(one.length, other.length); call++) {
    const [a, b] = [one[call], other[call]]
    if (a === undefined || b === undefined) return { call: call + 1, argument: 0, element: null }
    for (let argument = 0; argument <= Math.max(a.arguments.length, b.arguments.length); argument++) {
      const [x, y] = argument === 0 ? [a.returned, b.returned] : [a.arguments[argument - 1], b.arguments[argument - 1]]
      const element = differentElement(x, y)
      if (element !== undefined) return { call: call + 1, argument, element }
    }
  }
  return null
}

/** Undefined where there is no difference, null where it is no single element's. */
function differentElement(one: Value | null | undefined, other: Value | null | undefined): number | null | undefined {
  if (one === null && other === null) return undefined
  if (one?.head !== other?.head || one?.elements.length !== other?.elements.length) return null
  const at = one?.elements.findIndex((element, index) => element !== other?.elements[index]) ?? -1
  if (at < 0) return undefined
  return one?.head.includes('[') ? at : null
}
