import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { planned, Recording, SPEC } from '../results/recording.ts'

/** Texts with which a researcher, or a model, might try to get out of the data and onto the page. */
const NASTY = [
  '</script><script>alert(1)</script>',
  '<!--<script>',
  ']]><img src=x onerror=alert(1)>',
  '" onload="alert(1)',
  "'; alert(1); //",
  '\u2028\u2029\0',
]

async function pageOf(t: Parameters<typeof Recording.make>[0]) {
  const plan = NASTY.map((text, at) =>
    planned(
      { id: text, problem: text, mutant: { origin: text, kind: text.slice(0, 60) } },
      [`success ${text}`],
      [`success ${at}`],
    ),
  )
  const files = await (await Recording.make(t, { plan, spec: { ...SPEC, name: NASTY[0] as string } })).files()
  return { text: String(files.get('report.html')), report: JSON.parse(String(files.get('report.json'))) }
}

/** What a browser makes of the page's scripts: each ends at the first end tag, whatever is in it. */
function scriptsOf(text: string) {
  return [...text.matchAll(/<script([^>]*)>([\s\S]*?)<\/script/gi)].map(([, attributes = '', body = '']) => ({
    attributes,
    body,
  }))
}

describe('report.html', () => {
  it('holds what others wrote as data only, whatever it is', async (t) => {
    const { text, report } = await pageOf(t)
    const [data, ...scripts] = scriptsOf(text)
    assert.equal(data?.attributes, ' type="application/json" id="data"')
    assert.ok(!data?.body.includes('<'), 'nothing in the data can begin a tag, a comment or an end')
    const held = JSON.parse(data?.body ?? '')
    assert.equal(held.report.round.name, NASTY[0])
    assert.deepEqual(
      held.problems.map(({ problem }: { problem: string }) => problem),
      NASTY,
    )
    assert.deepEqual(held.report.scores, report.scores)
    const rest = text.replace(data?.body ?? '', '')
    for (const nasty of NASTY) assert.ok(!rest.includes(nasty), nasty)
    assert.equal(scripts.length, 5)
    assert.equal(text.match(/<script/gi)?.length, 6)
  })

  it('runs only the scripts it came with, and asks nothing of anybody', async (t) => {
    const { text } = await pageOf(t)
    const policy = text.match(/http-equiv="Content-Security-Policy" content="([^"]*)"/)?.[1] ?? ''
    const hash = (body: string) => `'sha256-${createHash('sha256').update(body).digest('base64')}'`
    const [, ...scripts] = scriptsOf(text)
    const style = text.match(/<style>([\s\S]*?)<\/style>/)?.[1] ?? ''
    assert.deepEqual(policy.split('; '), [
      "default-src 'none'",
      `script-src ${scripts.map(({ body }) => hash(body)).join(' ')}`,
      `style-src ${hash(style)}`,
      "base-uri 'none'",
      "form-action 'none'",
    ])
    assert.doesNotMatch(text.replaceAll(/<script[\s\S]*?<\/script>/g, ''), /\b(src|href|on\w+)=|url\(|@import/i)
  })

  it('never puts text onto the page as markup', async () => {
    for (const name of ['pieces.js', 'charts.js', 'problems.js', 'page.js']) {
      const source = await readFile(new URL(`../../coordinator/results/page/${name}`, import.meta.url), 'utf8')
      assert.doesNotMatch(source, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|Function\(|https?:/, name)
      assert.doesNotMatch(source, /<\/script/i, name)
    }
  })

  it('is of bounded size, however many problems there are', async (t) => {
    const plan = Array.from({ length: 210 }, (_, n) => planned({ id: n }, ['success 1'], [n % 2 ? 'success 1' : 'success 2']))
    const spec = { ...SPEC, policy: { kind: 'majority', quorum: 1, replicas: 1 } as const }
    const files = await (await Recording.make(t, { plan, spec })).files()
    const held = JSON.parse(scriptsOf(String(files.get('report.html')))[0]?.body ?? '')
    assert.equal(held.problems.length, 200)
    assert.equal(held.report.rules.cases.length, 200)
    assert.equal(held.report.rules.notListed, 10)
    assert.equal(JSON.parse(String(files.get('scores.json'))).problems.length, 210)
    const { progress } = JSON.parse(String(files.get('report.json')))
    assert.deepEqual([progress.length, progress[0], progress.at(-1)[1]], [201, [0, 0], 210])
  })
})
