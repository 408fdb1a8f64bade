/**
 * Makes the pictures of docs/pictures: `npm run screenshots`. A coordinator and nodes of this project, whose sandbox answers
 * as it is told to, so that a picture holds every kind of outcome; needs Chromium (`browser.ts` says where it is looked for).
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { freePort } from '../support/free-port.ts'
import { ended } from '../support/swarm.ts'
import { type Look, launch, openPage } from './browser.ts'
import { catchLiar, explorerSwarm, STRICT, variedIn } from './world.ts'

const FOLDER = fileURLToPath(new URL('../../docs/pictures/', import.meta.url))
const CASES = 130
const PATIENCE_MS = 60_000

const cleaning: (() => unknown)[] = []
const t = { after: (clean: () => unknown) => cleaning.unshift(clean) } as unknown as TestContext
const folder = await mkdtemp(join(tmpdir(), 'kernelswarm-pictures-'))
const browser = await launch()
try {
  await mkdir(FOLDER, { recursive: true })
  const { swarm, url } = await explorerSwarm(t, folder, await freePort(), { singleOperator: false })
  const client = await swarm.researcher('researcher', 10 * PATIENCE_MS)
  const caught = await catchLiar(swarm, client)
  const round = await swarm.submit(client, await variedIn(folder, CASES), { ...STRICT, name: 'translations of a small model' })
  await ended(client, round)
  const told = await (await fetch(`${url}api/v1/rounds/${round}/cases/3`)).json()
  const [vote] =
    (told as { ballots: { cuda: { verdicts: { verdict: string; node: string }[] }[] } }).ballots.cuda[0]?.verdicts ?? []
  const pictures: [name: string, hash: string, look: Look][] = [
    ['home', '', {}],
    ['round', `#/round/${round}`, { height: 1300 }],
    ['round-dark', `#/round/${round}`, { dark: true }],
    ['round-phone', `#/round/${round}`, { width: 390, height: 1100 }],
    ['case', `#/round/${round}/case/3`, { height: 1000 }],
    ['verdict', `#/verdict/${vote?.verdict}?check=now`, {}],
    ['nodes', '#/nodes', { height: 720 }],
    ['node', `#/node/${vote?.node}`, { height: 900 }],
    ['node-suspended', `#/node/${caught.liar}`, { height: 1100 }],
    ['confidence', `#/round/${caught.round}`, { height: 1100 }],
    ['trust', '#/trust', { height: 1400 }],
    ['trust-phone', '#/trust', { dark: true, width: 390, height: 1100 }],
  ]
  for (const [name, hash, look] of pictures) await picture(url + hash, name, look)
} finally {
  await browser.close()
  for (const clean of cleaning) await clean()
  await rm(folder, { recursive: true, force: true })
}

async function picture(address: string, name: string, look: Look): Promise<void> {
  const { page, context } = await openPage(browser, look)
  page.setDefaultTimeout(PATIENCE_MS)
  await page.goto(address)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.locator('#live[data-state=live]').waitFor()
  await settled(page, name)
  await page.screenshot({ path: join(FOLDER, `${name}.png`) })
  await context.close()
}

/** What comes after the page itself: a chart, a matrix, a check. */
async function settled(page: Page, name: string): Promise<void> {
  if (name === 'home') await page.locator('.chart canvas').waitFor()
  if (name.startsWith('round')) await page.getByRole('link', { name: /^Line 1, test 1: same/ }).waitFor()
  if (name === 'verdict') await page.getByText('steps checked').waitFor()
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
}
