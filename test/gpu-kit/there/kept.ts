import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestRun } from '../../../sandbox/index.ts'
import type { Places } from './stand.ts'

/** What a part leaves for a later one: by the name of a case, how each test ended and what it gave, in base64. */
export type Kept = Record<string, { status: string; output: string }[]>

const fileOf = ({ work }: Places, id: string) => join(work, `${id}.kept.json`)

export function keptOf(runs: readonly TestRun[]): Kept[string] {
  return runs.map(({ status, output }) => ({ status, output: Buffer.from(output).toString('base64') }))
}

export function keep(places: Places, id: string, kept: Kept): void {
  writeFileSync(fileOf(places, id), JSON.stringify(kept))
}

/** Empty where that part has left nothing. */
export function recall(places: Places, id: string): Kept {
  try {
    return JSON.parse(readFileSync(fileOf(places, id), 'utf8')) as Kept
  } catch {
    return {}
  }
}
