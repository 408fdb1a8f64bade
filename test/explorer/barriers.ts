import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const WIDE = { width: 1200, height: 800 }
const PHONE = { width: 360, height: 740 }
/** How every page has to be fit to be seen. */
const LOOKS = [
  { id: 'light, wide', viewport: WIDE, colorScheme: 'light' },
  { id: 'dark, wide', viewport: WIDE, colorScheme: 'dark' },
  { id: 'light, on a phone', viewport: PHONE, colorScheme: 'light' },
  { id: 'dark, on a phone', viewport: PHONE, colorScheme: 'dark' },
] as const

/** What is wrong with the page that is shown, for people who see, hear or hold it otherwise: in each look, in words. */
export async function barriers(page: Page): Promise<string[]> {
  const found: string[] = []
  // The checker is put into the page by the test, past the page's own policy.
  await page.evaluate(AXE)
  for (const { id, viewport, colorScheme } of LOOKS) {
    await page.setViewportSize(viewport)
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
    if (await overflows(page)) found.push(`${id}: wider than the screen`)
    found.push(...(await violations(page)).map((barrier) => `${id}: ${barrier}`))
  }
  await page.setViewportSize(WIDE)
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  return found
}

/** In axe's words. */
async function violations(page: Page): Promise<string[]> {
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
    }
    const { violations } = await axe.run()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`)
  })
}

/** Whether the page itself can be scrolled sideways, which no page should on a phone. */
async function overflows(page: Page): Promise<boolean> {
  return await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')
}
