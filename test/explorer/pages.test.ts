import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { CaseDetail, Nodes } from '../../coordinator/http/schemas.ts'
import { exportExplorer } from '../../coordinator/index.ts'
import type { ResearcherClient } from '../../protocol/index.ts'
import { ask } from '../http/ask.ts'
import { freePort } from '../support/free-port.ts'
import { scratch } from '../support/scratch.ts'
import { ended, type TestSwarm } from '../support/swarm.ts'
import { barriers } from './barriers.ts'
import { launch, MISSING, openPage, type Watched } from './browser.ts'
import { hostFolder } from './host-folder.ts'
import { focusByTab, walkByTab } from './keyboard.ts'
import { enlarge, scrollThrough } from './large-matrix.ts'
import { explorerSwarm, STRICT, varied, variedIn } from './world.ts'

/** How long a page may take under any load before the test is given up; nothing is measured by it. */
const PATIENCE_MS = 60_000
const CASES = 15

describe('the explorer in a browser', { skip: MISSING, timeout: 10 * PATIENCE_MS }, () => {
  let browser: Browser
  let swarm: TestSwarm
  let client: ResearcherClient
  let url = ''
  let round = ''
  let watched: Watched
  const cleaning: (() => unknown)[] = []
  /** Nodes wait for this, so that a round can be seen before anything of it is decided. */
  let release = () => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })

  /** An address of this coordinator's page, once its heading is there. */
  const visit = async (page: Page, hash: string, heading: string | RegExp) => {
    await page.goto(url + hash)
    await page.getByRole('heading', { level: 1, name: heading }).waitFor({ timeout: PATIENCE_MS })
  }
  const caseOf = async (line: number) => await ask(url.slice(0, -1), `rounds/${round}/cases/${line}`, CaseDetail)
  /** A vote on the CUDA side of a case. */
  const voteOn = async (line: number) => {
    const vote = (await caseOf(line)).ballots?.cuda[0]?.verdicts[0]
    assert.ok(vote !== undefined)
    return vote
  }

  before(async () => {
    browser = await launch()
    const t = { after: (clean: () => unknown) => cleaning.unshift(clean) } as unknown as TestContext
    const folder = await scratch(t)
    const started = await explorerSwarm(t, folder, await freePort())
    swarm = started.swarm
    url = started.url
    watched = await openPage(browser)
    watched.page.setDefaultTimeout(PATIENCE_MS)
    client = await swarm.researcher('researcher', 5 * PATIENCE_MS)
  })

  after(async () => {
    release()
    await browser?.close()
    for (const clean of cleaning) await clean()
  })

  it('shows an empty swarm as empty, and says how to join', async () => {
    const { page } = watched
    await visit(page, '', /translated kernel/)
    await page.getByText('No round yet.').waitFor()
    const join = page.getByRole('region', { name: 'Join' })
    const line = await join.getByText('node start').textContent()
    const port = /\/tcp\/(\d+)/.exec(swarm.address)?.[1]
    assert.match(line ?? '', new RegExp(`/ip4/127\\.0\\.0\\.1/tcp/${port}/p2p/12D3`), 'the address is that of this coordinator')
  })

  it('follows a round from nothing to aggregated, without being loaded again', async () => {
    const { page } = watched
    await page.evaluate("document.body.setAttribute('data-same', '')")
    for (const name of ['a', 'b', 'c', 'd']) {
      await swarm.addNode(name, async (...asked) => {
        await gate
        return await varied(...asked)
      })
    }
    round = await swarm.submit(client, await variedIn(swarm.folder, CASES), { ...STRICT, name: 'followed' })
    await page.getByRole('link', { name: 'followed' }).first().click()
    await page.getByText(`0 of ${CASES} cases judged`).waitFor()
    await page.getByText('Nothing is decided yet.').waitFor()
    const undecided = await page.locator('main').textContent()
    assert.doesNotMatch(undecided ?? '', /Equivalent \d*[1-9]|Pass@k.*%/, 'nothing is told of what is not decided')
    release()
    await ended(client, round)
    await page.getByText('finished', { exact: true }).waitFor()
    await page.getByText(`${CASES} of ${CASES} cases judged`).waitFor()
    await page.getByRole('link', { name: 'matrix.csv' }).waitFor()
    await page.getByRole('heading', { name: 'Pass@k' }).waitFor()
    assert.equal(await page.locator('body[data-same]').count(), 1, 'it is the page that was opened at first')
  })

  it('shows a case with code in colours, the first difference marked, and its flags explained', async () => {
    const { page } = watched
    await visit(page, `#/round/${round}/case/3`, 'scale_0#3')
    assert.deepEqual(await page.locator('.source h3').allTextContents(), [
      'C++ function (the original)',
      'CUDA kernel (the translation)',
      'CUDA wrapper (launches the kernel)',
    ])
    assert.ok((await page.locator('.hl-cuda', { hasText: '__global__' }).count()) > 0)
    await page.getByText('First difference in line 2 of the C++ output, marked.').first().waitFor()
    assert.deepEqual((await page.locator('.test[open] mark').allTextContents()).slice(0, 2), ['6', '6.5'])
    await visit(page, `#/round/${round}/case/13`, 'scale_2#3')
    await page.getByText('The compat rule, which only compares what is printed, says: equivalent.').waitFor()
    await page.getByText('CUDA side: threads race').first().waitFor()
    await page.getByText('(code, line 4) threads 0 and 1 write a[0]').first().waitFor()
  })

  it('checks a verdict in the browser, by WebCrypto and without it', async () => {
    const { verdict } = await voteOn(3)
    const { page } = watched
    await visit(page, `#/round/${round}/case/3`, 'scale_0#3')
    await page.locator(`tr[data-key="${verdict}"]`).getByRole('link', { name: 'Check this verdict' }).click()
    await page.getByText('9 steps checked, in this browser.').waitFor()
    assert.match((await page.locator('.steps').textContent()) ?? '', /WebCrypto/)
    const { page: plain, context, troubles } = await openPage(browser)
    plain.setDefaultTimeout(PATIENCE_MS)
    await plain.addInitScript(() => Object.defineProperty(crypto, 'subtle', { value: undefined }))
    await visit(plain, `#/verdict/${verdict}?check=now`, 'Signed verdict')
    await plain.getByText('9 steps checked, in this browser.').waitFor()
    assert.match((await plain.locator('.steps').textContent()) ?? '', /noble-ed25519/)
    assert.deepEqual(troubles, [])
    await context.close()
  })

  it('catches what was tampered with: envelope, node, code, ballot and output', async () => {
    const { verdict } = await voteOn(3)
    const rows: { id: string; path: string; change: (body: Told) => void; step: string }[] = [
      { id: 'a bit of the payload', path: `/verdicts/${verdict}.json`, change: flip, step: 'The signature is the key’s' },
      { id: 'another node', path: `/verdicts/${verdict}.json`, change: otherNode, step: 'The key is the node’s' },
      { id: 'other code', path: '/cases/3.json', change: otherCode, step: 'It ran the code and the tests shown with the case' },
      { id: 'other words', path: '/cases/3.json', change: otherWords, step: 'It says what the ballot lists' },
      { id: 'another output', path: '/outputs/1.json', change: otherOutput, step: 'The outputs are those it names' },
    ]
    for (const { id, path, change, step } of rows) {
      const { page, context } = await openPage(browser)
      page.setDefaultTimeout(PATIENCE_MS)
      await page.route(
        (address) => address.pathname.endsWith(path),
        async (route) => {
          const body = await (await route.fetch()).json()
          change(body)
          await route.fulfill({ json: body })
        },
      )
      await visit(page, `#/verdict/${verdict}?check=now`, 'Signed verdict')
      await page.getByText('not genuine').first().waitFor()
      assert.match((await page.locator('.steps > [data-state=wrong]').first().textContent()) ?? '', new RegExp(step), id)
      await context.close()
    }
  })

  it('can be used by the keyboard alone', async () => {
    const { page } = watched
    await visit(page, '', /translated kernel/)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate('document.activeElement?.id'), 'page', 'the first stop leads past the navigation')
    await focusByTab(page, 'followed')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'followed' }).waitFor()
    await focusByTab(page, 'Line 1, test 1:')
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown']) await page.keyboard.press(key)
    await page.locator('.matrix-words', { hasText: 'Line 3, test 2: results differ' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'scale_0#3' }).waitFor()
    assert.equal(await page.evaluate('document.activeElement?.id'), 'page', 'who listens is taken to the new page')
  })

  it('finds a node by its peer id, and says why it stands as it does', async () => {
    const { page } = watched
    const { items } = await ask(url.slice(0, -1), 'nodes', Nodes)
    const own = items[0]?.node ?? ''
    await visit(page, '#/nodes', 'Nodes')
    await page.getByLabel('Find your node by its peer id').fill(` ${own} `)
    await page.getByRole('button', { name: 'Find' }).click()
    await page.getByRole('heading', { name: 'Reputation' }).waitFor()
    await page.getByText(own).waitFor()
    await visit(page, '#/node/nobody', 'There is nothing here')
  })

  it('every page: no barrier in any look, all of it in reach of the keyboard, nothing asked of other hosts', async () => {
    const voter = await voteOn(3)
    const pages: [hash: string, heading: string | RegExp][] = [
      ['', /translated kernel/],
      [`#/round/${round}`, 'followed'],
      [`#/round/${round}/case/3`, 'scale_0#3'],
      [`#/verdict/${voter.verdict}?check=now`, 'Signed verdict'],
      ['#/nodes', 'Nodes'],
      [`#/node/${voter.node}`, /Node/],
      ['#/trust', 'How to trust this'],
      ['#/nowhere', 'There is nothing here'],
    ]
    const found: string[] = []
    const { page, context, troubles } = await openPage(browser)
    page.setDefaultTimeout(PATIENCE_MS)
    page.on('request', (request) => {
      if (!request.url().startsWith(url)) found.push(`asks ${request.url()}`)
    })
    await page.goto(url)
    for (const [hash, heading] of pages) {
      await visit(page, hash, heading)
      found.push(...[...(await barriers(page)), ...(await walkByTab(page))].map((wrong) => `${hash || 'home'}: ${wrong}`))
    }
    found.push(...troubles)
    await context.close()
    assert.deepEqual(found, [])
  })

  it('a matrix of 100,000 cases is scrolled through, and every cell leads to its case', async () => {
    const { page, context, troubles } = await openPage(browser)
    page.setDefaultTimeout(PATIENCE_MS)
    const answered = await enlarge(page, round)
    await visit(page, `#/round/${round}`, 'followed')
    await scrollThrough(page, round, answered)
    assert.deepEqual(troubles, [])
    await context.close()
  })

  it('says when the coordinator is away, and heals when it is back', async () => {
    const { page } = watched
    await visit(page, `#/round/${round}`, 'followed')
    await page.locator('#live[data-state=live]').waitFor()
    await swarm.restartCoordinator(async () => {
      await page.getByText(/Connection lost, figures from/).waitFor()
      await page.evaluate("location.hash = '#/nodes'")
      await page.getByText('The coordinator does not answer.').waitFor()
    })
    await page.locator('#live[data-state=live]').waitFor()
    await page.getByRole('heading', { level: 1, name: 'Nodes' }).waitFor()
    assert.deepEqual(watched.troubles, [])
  })

  it('exported into a folder, it shows the same with the coordinator down, and verdicts can still be checked', async () => {
    const { verdict, node } = await voteOn(3)
    const folder = join(swarm.folder, 'exported')
    await exportExplorer({ url, folder, signal: AbortSignal.timeout(5 * PATIENCE_MS) })
    await swarm.coordinator.stop()
    await using host = await hostFolder(folder)
    const { page, context, troubles } = await openPage(browser)
    page.setDefaultTimeout(PATIENCE_MS)
    url = host.url
    await visit(page, '', /translated kernel/)
    await page.locator('#live[data-state=exported]').waitFor()
    await page.getByRole('link', { name: 'followed' }).first().click()
    await page.getByText(`${CASES} of ${CASES} cases judged`).waitFor()
    await page.getByRole('link', { name: 'Different' }).first().click()
    await page.locator('table.cases').getByText('scale_0#3').waitFor()
    await page.getByRole('link', { name: /^Line 1, test 1: same result/ }).waitFor()
    await visit(page, `#/verdict/${verdict}?check=now`, 'Signed verdict')
    await page.getByText('9 steps checked, in this browser.').waitFor()
    await visit(page, `#/node/${node}`, /Node/)
    await visit(page, '#/trust', 'How to trust this')
    await visit(page, '#/node/nobody', 'There is nothing here')
    assert.deepEqual(troubles, [])
    await context.close()
  })
})

/** What the coordinator's answers have that is changed here. */
interface Told {
  envelope: string
  signer: string
  bytes: string
  code: { cuda: string }
  ballots: { cuda: { verdicts: { tests: { status: string }[] }[] }[] }
}

function flip(body: Told): void {
  const bytes = Buffer.from(body.envelope, 'base64')
  bytes[80] = (bytes[80] as number) ^ 1
  body.envelope = bytes.toString('base64')
}

function otherNode(body: Told): void {
  body.signer = '12D3KooWRawPbxPtP1eZaJpumGnyWX2DcUyd3RQnydr3eAto4Az7'
}

function otherCode(body: Told): void {
  body.code.cuda += ' '
}

function otherWords(body: Told): void {
  for (const { verdicts } of body.ballots.cuda)
    for (const { tests } of verdicts) for (const test of tests) test.status = 'timeout'
}

function otherOutput(body: Told): void {
  body.bytes = Buffer.from('n = 7\n').toString('base64')
}
