import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Fixture, makeCase, type Said, volunteer } from '../http/fixture.ts'
import { patience } from '../support/patience.ts'
import { launch, MISSING, openPage } from './browser.ts'

/** What would break out of text, if it were read as anything else; and what would turn its neighbours around. */
const MARKUP = `"><img src=x onerror="globalThis.broken=1"><script>globalThis.broken=1</script>`
const TURNED =
  'a\u202e\u2066b\u200b\u0007 Z\u0351\u0337\u0354a\u0310 \ud83d\udc22\u{1f3f4}\u{e0067} {{7*7}} javascript:globalThis.broken=1'
const HUGE = 'ABCDEFGH'.repeat(40_000)

describe('text of strangers in the pages', { skip: MISSING, timeout: patience(180_000) }, () => {
  it('is text, wherever it stands: markup runs nothing, no letter turns its neighbours around, nothing is too wide', async () => {
    await using fixture = await Fixture.open()
    const url = await fixture.serve()
    const nodes = [await volunteer(1), await volunteer(2)]
    const [first] = nodes
    assert.ok(first !== undefined)
    const round = await fixture.openRound(`${MARKUP}${TURNED}`)
    const code = { cpp: `void f() {} // ${MARKUP}\n${TURNED}\n${HUGE}`, cuda: `/* ${TURNED} */ ${MARKUP}` }
    await fixture.addCases(round, [
      makeCase({ ...code, id: `${TURNED}${MARKUP}`, problem: `${MARKUP}${HUGE.slice(0, 2_000)}`, tests: 1 }),
    ])
    await fixture.sealRound(round)
    const said = (text: string): Said[] => [['success', text]]
    const where = { compiler: MARKUP.slice(0, 64), cpu: TURNED.slice(0, 64) }
    let verdict = ''
    for (const node of nodes) verdict = await fixture.vote(round, 1, 'cpp', node, said(`${MARKUP}\n${TURNED}`), where)
    await fixture.agree(round, 1, 'cuda', nodes, said(`${MARKUP}\n${TURNED} `.repeat(50)))
    await fixture.ledger.record({ t: 'node-named', at: Date.now(), node: first.name, name: `${MARKUP}${TURNED}` })
    const browser = await launch()
    try {
      const { page, troubles } = await openPage(browser, { width: 360, height: 740 })
      page.setDefaultTimeout(patience(60_000))
      page.on('dialog', (dialog) => void dialog.dismiss())
      const asked: string[] = []
      page.on('request', (request) => asked.push(new URL(request.url()).pathname))
      const pages = [
        '',
        `#/round/${round}`,
        `#/round/${round}/case/1`,
        `#/verdict/${verdict}`,
        '#/nodes',
        `#/node/${first.name}`,
        '#/trust',
      ]
      for (const hash of pages) {
        // A page of its own each time: the heading of the one before is not this one's.
        await page.goto('about:blank')
        await page.goto(`${url}/${hash}`)
        await page.getByRole('heading', { level: 1 }).waitFor()
        const found = await page.evaluate<object>(`(() => ({
          broken: globalThis.broken,
          made: document.querySelectorAll('main img, main script, main [onerror]').length,
          links: [...document.links].filter(({ protocol }) => !protocol.startsWith('http')).length,
          wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
        }))()`)
        assert.deepEqual(found, { broken: undefined, made: 0, links: 0, wide: false }, hash)
        if (hash !== '' && hash !== '#/trust')
          assert.ok((await page.locator('main').textContent())?.includes('<img src=x'), `${hash}: it is to be read as it is`)
      }
      assert.deepEqual([asked.filter((path) => path.endsWith('/x')), troubles], [[], []])
    } finally {
      await browser.close()
    }
  })
})
