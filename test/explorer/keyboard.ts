import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'

/** What has the focus is called, read in the page. */
const FOCUSED = 'document.activeElement.ariaLabel ?? document.activeElement.textContent'

/** Goes on by Tab until what has the focus is called like this. */
export async function focusByTab(page: Page, name: string): Promise<void> {
  const MOST = 80
  for (let stop = 0; stop < MOST; stop++) {
    await page.keyboard.press('Tab')
    const label = await page.evaluate<string>(FOCUSED)
    if (label.startsWith(name)) return
  }
  assert.fail(`Tab does not lead to ${name}`)
}

/** Marks all that can be used by hand, and begins before the first of it. */
const BEGIN = `(() => {
  document.body.tabIndex = -1
  document.body.focus()
  const all = document.querySelectorAll('a[href], button:enabled, input:enabled, select:enabled, summary, [tabindex="0"]')
  const seen = [...all].filter((one) => one.checkVisibility({ visibilityProperty: true }))
  for (const one of seen) one.setAttribute('data-unreached', '')
  return seen.length
})()`

/** Takes note of what has the focus; tells what is wrong with it, and whether the page is at its end. */
const STOP = `(() => {
  const at = document.activeElement
  if (at === null || at === document.body) return { over: true, wrong: null }
  const first = at.hasAttribute('data-unreached')
  at.removeAttribute('data-unreached')
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at)
  const told = (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none'
  const { top, bottom, left, right, width, height } = at.getBoundingClientRect()
  const inSight = width > 0 && height > 0 && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth
  const name = (at.ariaLabel ?? at.textContent ?? '').trim().slice(0, 60)
  return { over: false, first, wrong: !told ? name + ': nothing shows that it has the focus' : !inSight ? name + ': out of sight' : null }
})()`

const UNREACHED = `[...document.querySelectorAll('[data-unreached]')].map((one) => one.outerHTML.slice(0, 120))`

/**
 * Goes through a page by Tab alone, from its beginning to its end.
 * @returns what cannot be reached, or is not seen to have the focus when it is
 */
export async function walkByTab(page: Page): Promise<string[]> {
  const count = await page.evaluate<number>(BEGIN)
  const wrong: string[] = []
  // Areas that scroll are stops of their own in some browsers.
  for (let stop = 0; stop < 2 * count + 10; stop++) {
    await page.keyboard.press('Tab')
    const now = await page.evaluate<{ over: boolean; wrong: string | null }>(STOP)
    if (now.over) return [...wrong, ...(await page.evaluate<string[]>(UNREACHED)).map((html) => `never reached: ${html}`)]
    if (now.wrong !== null) wrong.push(now.wrong)
  }
  return [...wrong, 'there is no way out of it']
}
