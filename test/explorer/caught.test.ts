import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { Nodes, Summary } from '../../coordinator/http/schemas.ts'
import { ask } from '../http/ask.ts'
import { freePort } from '../support/free-port.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { barriers } from './barriers.ts'
import { launch, MISSING, openPage, type Watched } from './browser.ts'
import { walkByTab } from './keyboard.ts'
import { catchLiar, explorerSwarm } from './world.ts'

describe('the explorer of strangers, one of whom was caught', { skip: MISSING, timeout: patience(300_000) }, () => {
  let browser: Browser
  let watched: Watched
  let url = ''
  let round = ''
  let liar = ''
  const cleaning: (() => unknown)[] = []

  before(async () => {
    browser = await launch()
    const t = { after: (clean: () => unknown) => cleaning.unshift(clean) } as unknown as TestContext
    const started = await explorerSwarm(t, await scratch(t), await freePort(), { singleOperator: false })
    url = started.url
    const caught = await catchLiar(started.swarm, await started.swarm.researcher('researcher', patience(240_000)))
    round = caught.round
    liar = caught.liar
    watched = await openPage(browser)
    watched.page.setDefaultTimeout(patience(60_000))
  })

  after(async () => {
    await browser?.close()
    for (const clean of cleaning) await clean()
  })

  const visit = async (hash: string, heading: string): Promise<Page> => {
    const { page } = watched
    await page.goto(url + hash)
    await page.getByRole('heading', { level: 1, name: heading }).waitFor()
    return page
  }
  /** The row of a table that names the liar. */
  const rowOf = (page: Page, table: string) =>
    page
      .getByRole('table', { name: table })
      .getByRole('row')
      .filter({ has: page.locator(`a[href="#/node/${liar}"]`) })

  it('lists it as suspended, and the others by the names they gave themselves', async () => {
    const page = await visit('#/nodes', 'Nodes')
    await rowOf(page, 'Nodes, by credit').getByText('suspended').waitFor()
    await page.getByRole('link', { name: 'attic' }).waitFor()
    const { items } = await ask(url.slice(0, -1), 'nodes', Nodes)
    const suspended = items.filter(({ standing }) => standing === 'suspended').map(({ node }) => node)
    assert.deepEqual(suspended, [liar])
    assert.equal(await page.getByText('suspended').count(), 1)
  })

  it('says on its page that its answers count for nothing, why, and by which task it was found', async () => {
    const page = await visit(`#/node/${liar}`, 'too-good-to-be-true')
    await page.getByText(/^Suspended .*: its answers count for nothing, /).waitFor()
    await rowOf(page, 'Incidents, the last one first')
      .filter({ hasText: 'suspended' })
      .getByText(/tests? \d/)
      .waitFor()
    assert.equal(await page.locator('.facts > div', { hasText: 'Suspensions' }).locator('dd').textContent(), '1')
  })

  it('tells it in the log and among what happened lately, with the formulas in this swarm’s numbers', async () => {
    const page = await visit('#/trust', 'How to trust this')
    await rowOf(page, 'Incidents, the last one first').getByText('suspended').waitFor()
    await page.getByRole('row', { name: /^Confidence 99 %, while 10 % lie 2 3 / }).waitFor()
    await page.getByText(/Here: f = .*, θ = 0\.99 gives 5 checks/).waitFor()
    assert.equal(await page.getByText('One operator runs the nodes').count(), 0)
    await visit('', 'Is the translated kernel right?')
    await page.getByText('Node too-good-to-be-true was suspended:').waitFor()
  })

  it('says of the round how sure it is, and where it disagreed', async () => {
    const page = await visit(`#/round/${round}`, 'by a small model, second try')
    const { confidence, splits } = await ask(url.slice(0, -1), `rounds/${round}/summary`, Summary)
    assert.ok(confidence.lowest !== null && confidence.lowest >= 0.99 && splits.tasks > 0)
    await page.getByText(/ decided with a confidence of 99.* % or more/).waitFor()
    await page.locator('summary', { hasText: `Nodes disagreed on ${splits.tasks}` }).click()
    const [place] = splits.places
    await page
      .getByRole('link', { name: `line ${place?.line}`, exact: true })
      .first()
      .click()
    await page.getByText('against the decision').first().waitFor({ state: 'attached' })
    await page
      .getByText(/decided, each test with a confidence of 99/)
      .first()
      .waitFor()
  })

  it('has no barrier in any look, and all of it in reach of the keyboard', async () => {
    const found: string[] = []
    for (const [hash, heading] of [
      ['#/nodes', 'Nodes'],
      [`#/node/${liar}`, 'too-good-to-be-true'],
      ['#/trust', 'How to trust this'],
      [`#/round/${round}`, 'by a small model, second try'],
    ] as const) {
      const page = await visit(hash, heading)
      found.push(...[...(await barriers(page)), ...(await walkByTab(page))].map((wrong) => `${hash}: ${wrong}`))
    }
    assert.deepEqual([...found, ...watched.troubles], [])
  })
})
