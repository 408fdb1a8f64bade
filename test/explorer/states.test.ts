import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { Fixture, makeCase, type Said, volunteer } from '../http/fixture.ts'
import { patience } from '../support/patience.ts'
import { launch, MISSING, openPage } from './browser.ts'

const SAID: Said[] = [
  ['success', '1'],
  ['success', '2'],
]

describe('pages of what is not all there, or not for everybody', { skip: MISSING, timeout: patience(180_000) }, () => {
  let browser: Browser
  let fixture: Fixture
  let page: Page
  let url = ''
  let troubles: string[] = []

  before(async () => {
    browser = await launch()
    fixture = await Fixture.open()
    url = await fixture.serve()
    ;({ page, troubles } = await openPage(browser))
    page.setDefaultTimeout(patience(60_000))
  })

  after(async () => {
    await browser?.close()
    await fixture?.[Symbol.asyncDispose]()
    assert.deepEqual(troubles, [])
  })

  const visit = async (hash: string, heading: string) => {
    await page.goto(`${url}/${hash}`)
    await page.getByRole('heading', { level: 1, name: heading }).waitFor()
  }

  it('of a round that shows counts only: these, and that there is no more; of one that nobody is to know of: nothing', async () => {
    const counts = await fixture.openRound('counts only', { visibility: 'counts-only' })
    const secret = await fixture.openRound('secret', { visibility: 'embargoed' })
    for (const round of [counts, secret]) await fixture.addCases(round, [makeCase({ cuda: `// ${round}` })])
    await visit(`#/round/${counts}`, 'counts only')
    await page.getByRole('heading', { name: '0 of 1 case judged' }).waitFor()
    await page.getByText('Of this round its owner shows counts only.').waitFor()
    assert.equal(await page.getByRole('heading', { name: 'Matrix' }).count(), 0)
    await visit(`#/round/${secret}`, 'There is nothing here')
    await visit('', 'Is the translated kernel right?')
    assert.doesNotMatch((await page.locator('main').textContent()) ?? '', /secret/)
  })

  it('a round without cases says that they will come, and what it follows', async () => {
    const first = await fixture.openRound('first')
    const second = await fixture.openRound('second', { follows: first })
    await visit(`#/round/${second}`, 'second')
    await page.getByText('No cases have come in yet.').waitFor()
    await page.getByRole('listitem').filter({ hasText: 'Follows first' }).getByRole('link').click()
    await page.getByRole('heading', { level: 1, name: 'first' }).waitFor()
    await page.getByRole('listitem').filter({ hasText: 'Followed by second' }).waitFor()
  })

  it('a case that is judged and held back says why, and shows its votes when the other one is judged', async () => {
    const nodes = [await volunteer(1), await volunteer(2)]
    const round = await fixture.openRound('samples')
    await fixture.addCases(round, [
      makeCase({ cpp: 'void g() {}', cuda: '// 1' }),
      makeCase({ cpp: 'void g() {}', cuda: '// 2' }),
    ])
    await fixture.sealRound(round)
    await fixture.agree(round, 1, 'cpp', nodes, SAID)
    await fixture.agree(round, 1, 'cuda', nodes, SAID)
    await visit(`#/round/${round}/case/1`, 'Case 1')
    await page.getByText('It is judged, but shares a program with a case').waitFor()
    await page.getByText('The votes are secret until the case can be shown.').waitFor()
    await fixture.agree(round, 2, 'cuda', nodes, SAID)
    await page.getByText('On all 2 tests both sides ran and came to the same.').waitFor()
    await page.getByRole('link', { name: 'Check this verdict' }).first().waitFor()
  })

  it('says that it loads, and when an answer cannot be read', async () => {
    const answers = Promise.withResolvers<void>()
    await page.route(
      (address) => address.pathname.includes('/nodes,'),
      async (route) => {
        await answers.promise
        await route.fulfill({ status: 500, json: { error: { code: 'internal', message: 'something went wrong here' } } })
      },
    )
    await page.goto(`${url}/#/nodes`)
    await page.getByText('Loading…').waitFor()
    answers.resolve()
    await page.getByRole('heading', { level: 1, name: 'This page cannot be shown' }).waitFor()
    await page.getByText('something went wrong here').waitFor()
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('heading', { level: 1, name: 'Nodes' }).waitFor()
  })
})
