import { readFile } from 'node:fs/promises'
import { grammar } from './grammar.ts'

interface Row {
  id: string
  bytes: string
}

/** The page with its grammar and examples as they are now. */
export async function withParts(page: string): Promise<string> {
  const messages = JSON.parse(await readFile(new URL('../vectors/messages.json', import.meta.url), 'utf8')) as Row[]
  const example = (id: string) => {
    const row = messages.find((one) => one.id === id)
    if (row === undefined) throw new Error(`no vector: ${id}`)
    return framed(row.bytes)
  }
  return page
    .replace(/(<!-- grammar: ([\w-]+) -->\n```cddl\n)[^`]*(```\n<!-- end -->)/g, (_, head: string, name: string, end: string) => {
      return `${head}${grammar(name)}\n${end}`
    })
    .replace(/(<!-- example: ([\w ,'-]+) -->\n)(?:\n {4}[0-9a-f ]+\n)?/g, (_, head: string, id: string) => {
      return `${head}\n    ${example(id)}\n`
    })
}

/** The length, and the payload, in groups of eight. */
function framed(hex: string): string {
  const length = hex.length / 2
  if (length > 127) throw new Error('too long for an example')
  return `${length.toString(16).padStart(2, '0')} ${hex.replace(/(.{16})(?=.)/g, '$1 ')}`
}
