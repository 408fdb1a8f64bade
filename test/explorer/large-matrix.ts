import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { CELL_BYTES } from '../../coordinator/http/matrix.ts'

const CASES = 100_000
const TESTS = 5
const TILE_CASES = 4096
/** Line by line one of these, over and over: same, differs, does not compile. */
const FATES = [CELL_BYTES.judged, CELL_BYTES.judged | (1 << 5) | (1 << 3), CELL_BYTES.judged | (1 << 5) | (1 << 3) | 1]
const WORDS = ['same result', 'results differ', 'results differ: does not compile']

/** Makes the page believe that a round has a hundred thousand cases: tiles are answered as a coordinator would. */
export async function enlarge(page: Page, round: string): Promise<{ tiles: number[]; atOnce: () => number }> {
  const tiles: number[] = []
  let now = 0
  let most = 0
  await page.route(
    (address) => decodeURIComponent(address.pathname).endsWith(`/rounds/${round}.json`),
    async (route) => await route.fulfill({ json: { ...(await (await route.fetch()).json()), cases: CASES, judged: CASES } }),
  )
  await page.route(
    (address) => address.pathname.includes('/matrix,'),
    async (route) => {
      most = Math.max(most, ++now)
      const tile = Number(/tile=(\d+)/.exec(decodeURIComponent(route.request().url()))?.[1])
      tiles.push(tile)
      await route.fulfill({ json: tileOf(round, tile) })
      now--
    },
  )
  return { tiles, atOnce: () => most }
}

function tileOf(round: string, tile: number) {
  const first = tile * TILE_CASES
  const rows = Math.min(TILE_CASES, CASES - first)
  const cells = Buffer.from(
    Array.from({ length: rows * TESTS }, (_, at) => FATES[(first + Math.floor(at / TESTS)) % FATES.length] as number),
  )
  return {
    round,
    total: CASES,
    tileCases: TILE_CASES,
    tile,
    line: first + 1,
    rows,
    columns: TESTS,
    cells: cells.toString('base64'),
  }
}

const SCROLLED = `(async () => {
  const area = document.querySelector('.matrix-area')
  const elements = () => document.querySelectorAll('.matrix *').length
  const before = elements()
  const step = area.scrollHeight / 60
  for (let at = 0; at < 60; at++) {
    area.scrollTop += step
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
  }
  return { before, after: elements(), high: area.scrollHeight > area.clientHeight, end: area.scrollTop + area.clientHeight >= area.scrollHeight - 1 }
})()`

/** Colours of the canvas: one where nothing is drawn. */
const COLOURS = `(() => {
  const canvas = document.querySelector('.matrix canvas')
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  return new Set(new Uint32Array(data.buffer)).size
})()`

/** Whether the link lies at a point, within so many frames. */
const linkAt = (x: number, y: number) => `(async () => {
  for (let frame = 0; frame < 600; frame++) {
    if (document.elementFromPoint(${x}, ${y})?.className === 'matrix-cell') return true
    await new Promise(requestAnimationFrame)
  }
  return false
})()`

/** Scrolls through all of it, goes to a line, and opens the case under the pointer. */
export async function scrollThrough(
  page: Page,
  round: string,
  answered: { tiles: number[]; atOnce: () => number },
): Promise<void> {
  await page.locator('.matrix canvas').waitFor()
  const scrolled = await page.evaluate<{ before: number; after: number; high: boolean; end: boolean }>(SCROLLED)
  assert.deepEqual([scrolled.high, scrolled.end], [true, true], 'there is more than is seen, and it ends')
  assert.equal(scrolled.after, scrolled.before, 'no element is made for what comes into sight')
  assert.ok(answered.atOnce() <= 2, 'a few tiles are asked for at once')
  const line = 99_998
  await page.getByRole('spinbutton', { name: 'Line' }).fill(String(line))
  await page.getByRole('button', { name: 'Go to line' }).click()
  await page.locator('.matrix-words', { hasText: `Line 99,998, test 1: ${WORDS[(line - 1) % 3]}` }).waitFor()
  assert.ok(answered.tiles.includes(24), 'the last tile was asked for')
  const times = Map.groupBy(answered.tiles, (tile) => tile)
  assert.ok(
    [...times.values()].every(({ length }) => length <= 2),
    'a tile is asked for once, and again at most when the page goes live',
  )
  assert.ok((await page.evaluate<number>(COLOURS)) > 2, 'something is drawn there')
  await page.locator('.matrix-area').scrollIntoViewIfNeeded()
  const link = await page.locator('.matrix-cell').boundingBox()
  assert.ok(link !== null)
  const [x, y] = [link.x - 10 * link.width + 2, link.y + 2]
  await page.mouse.move(x, y)
  assert.ok(await page.evaluate(linkAt(x, y)), 'the link comes to where the pointer is')
  await page.mouse.down()
  await page.mouse.up()
  await page.waitForURL(`**/#/round/${round}/case/${line - 10}`)
}
