import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Recording } from './recording.ts'

/**
 * LLaMA-Factory's table of what an entry of dataset_info.json may have (data/README.md there): field, and the values it may
 * have where they are listed. Fields for hubs, images and preferences are known, so that a wrong use of them would be seen.
 */
const ENTRY: Record<string, readonly unknown[] | null> = {
  ...{ hf_hub_url: null, ms_hub_url: null, script_url: null, file_name: null, subset: null, split: null, folder: null },
  ...{ formatting: ['alpaca', 'sharegpt'], ranking: [true, false], num_samples: null, columns: null, tags: null },
}
/** Its columns for the alpaca format, with the names they have unless said otherwise; null: none. */
const COLUMNS: Record<string, string | null> = {
  ...{ prompt: 'instruction', query: 'input', response: 'output', history: null, system: null, tools: null },
  ...{ images: null, videos: null, audios: null, chosen: null, rejected: null, kto_tag: null },
}
/** Files it reads, by their endings. */
const ENDINGS = /\.(arrow|csv|json|jsonl|parquet|txt)$/

interface Example {
  prompt: string
  query: string
  response: string
  system: string
}

/** Reads a set as that documentation says it is read: the user's turn is instruction and input, the model's turn the output. */
function load(files: ReadonlyMap<string, { toString(): string }>, name: string): Example[] {
  const entry = JSON.parse(String(files.get('dataset_info.json')))[name] as Record<string, unknown>
  assert.ok(entry, `${name} is not registered`)
  for (const [field, value] of Object.entries(entry)) {
    assert.ok(field in ENTRY, `${field} is no field of dataset_info.json`)
    const allowed = ENTRY[field]
    if (allowed) assert.ok(allowed.includes(value), `${field}: ${value}`)
  }
  assert.equal(entry.formatting ?? 'alpaca', 'alpaca')
  assert.ok(!entry.ranking, 'these are for supervised fine-tuning')
  const file = entry.file_name as string
  assert.match(file, ENDINGS)
  const columns = { ...COLUMNS, ...(entry.columns as Record<string, string>) }
  assert.deepEqual(Object.keys(columns), Object.keys(COLUMNS), 'no column beside those there are')
  const rows = JSON.parse(String(files.get(file))) as Record<string, unknown>[]
  assert.ok(Array.isArray(rows))
  const text = (row: Record<string, unknown>, column: keyof Example) => {
    const name = columns[column]
    return name === null || name === undefined ? '' : row[name]
  }
  return rows.map((row) => {
    const example = Object.fromEntries((['prompt', 'query', 'response', 'system'] as const).map((one) => [one, text(row, one)]))
    for (const [column, value] of Object.entries(example)) assert.equal(typeof value, 'string', column)
    return example as unknown as Example
  })
}

describe('the training sets, as LLaMA-Factory reads them', () => {
  for (const name of ['translator_sft', 'tester_sft']) {
    it(`${name} is registered and loads; every row asks and answers`, async (t) => {
      const files = await (await Recording.make(t)).files()
      const examples = load(files, name)
      assert.equal(examples.length, 3)
      for (const { prompt, response, system } of examples) {
        assert.notEqual(prompt.trim(), '')
        assert.notEqual(response.trim(), '')
        assert.equal(system, name === 'translator_sft' ? 'Translate.' : 'Test.', "the round's own system text")
      }
    })

    it(`all rows of ${name} have the same fields, of one type each: what loads it makes a table of them`, async (t) => {
      const files = await (await Recording.make(t)).files()
      const rows = JSON.parse(String(files.get(`${name}.json`))) as Record<string, unknown>[]
      const shapes = new Set(
        rows.map((row) => JSON.stringify(Object.entries(row).map(([field, value]) => [field, typeof value]))),
      )
      assert.equal(shapes.size, 1)
      assert.ok(rows.every((row) => Object.values(row).every((value) => typeof value === 'string')))
    })
  }
})
