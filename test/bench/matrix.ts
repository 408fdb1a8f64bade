import { parseArgs } from 'node:util'
import type { CDPSession, Page } from 'playwright-core'
import { launch, openPage } from '../explorer/browser.ts'
import { enlarge } from '../explorer/large-matrix.ts'
import { Fixture, makeCase } from '../http/fixture.ts'

const HELP = `How smoothly the matrix of a round of 100,000 cases of five tests scrolls in Chromium: once from end to end, a step with
every frame, at each size of its squares. Tiles are answered at once, as a coordinator would.

    npm run bench:matrix -- [options]

    --frames N       steps from end to end (default 300)
    --json           the figures as one JSON object, on the last line
`

/** One way through, as the browser saw it. */
interface Way {
  /** Squares' side, pixels. */
  square: number
  frames: number
  /** From one frame to the next, milliseconds. */
  medianMs: number
  p95Ms: number
  worstMs: number
  /** Turns of the page's thread over 50 ms. */
  longTasks: number
  /** What the page's thread worked for a frame, milliseconds. */
  workMs: number
}

/** Scrolls from end to end, a step with every frame; run in the page. */
const SCROLL = (frames: number) => `(async () => {
  const area = document.querySelector('.matrix-area')
  let longTasks = 0
  const observer = new PerformanceObserver((list) => { longTasks += list.getEntries().length })
  observer.observe({ type: 'longtask' })
  area.scrollTop = 0
  const frame = () => new Promise(requestAnimationFrame)
  let last = await frame()
  const step = (area.scrollHeight - area.clientHeight) / ${frames}
  const times = []
  for (let at = 1; at <= ${frames}; at++) {
    area.scrollTop = at * step
    const now = await frame()
    times.push(now - last)
    last = now
  }
  longTasks += observer.takeRecords().length
  observer.disconnect()
  const square = parseFloat(document.querySelector('.matrix-cell').style.width)
  return { times, longTasks, square }
})()`

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '300' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(HELP)
else await bench(Number(values.frames))

async function bench(frames: number): Promise<void> {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await fixture.openRound('large')
  await fixture.addCases(round, [makeCase({ tests: 5 })])
  const browser = await launch()
  try {
    const { page } = await openPage(browser)
    await enlarge(page, round)
    await page.goto(`${url}/#/round/${round}`)
    await page.locator('.matrix canvas').waitFor()
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable')
    while (await zoom(page, 'Smaller squares')) {}
    const ways: Way[] = []
    for (let zoomed = true; zoomed; zoomed = await zoom(page, 'Larger squares')) ways.push(await scrolled(page, session, frames))
    for (const way of ways) process.stdout.write(`${line(way)}\n`)
    if (values.json) process.stdout.write(`${JSON.stringify(ways)}\n`)
  } finally {
    await browser.close()
  }
}

async function scrolled(page: Page, session: CDPSession, frames: number): Promise<Way> {
  const before = await worked(session)
  const { times, longTasks, square } = await page.evaluate<{ times: number[]; longTasks: number; square: number }>(SCROLL(frames))
  const workMs = (1000 * ((await worked(session)) - before)) / frames
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return { square, frames, medianMs: at(0.5), p95Ms: at(0.95), worstMs: at(1), longTasks, workMs }
}

/** Seconds that the page's thread has worked so far. */
async function worked(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0
}

/** One size on, while there is one. */
async function zoom(page: Page, by: 'Smaller squares' | 'Larger squares'): Promise<boolean> {
  const button = page.getByRole('button', { name: by })
  if (await button.isDisabled()) return false
  await button.click()
  return true
}

function line({ square, frames, medianMs, p95Ms, worstMs, longTasks, workMs }: Way): string {
  const ms = (value: number) => value.toFixed(1).padStart(6)
  return `squares of ${String(square).padStart(2)} px: ${frames} frames, median ${ms(medianMs)} ms, 95 % under ${ms(p95Ms)}, worst ${ms(worstMs)}; ${longTasks} turns over 50 ms; ${ms(workMs)} ms of work a frame`
}
