import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

/** Where Chromium lies when a distribution installs it; `CHROMIUM` names another one. */
const PLACES = [process.env.CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const found = PLACES.find((place) => place !== '' && existsSync(place))

/** What is missing for tests in a browser, in words; false where nothing is. */
export const MISSING: string | false =
  found === undefined ? 'no Chromium here: apt-get install chromium, or name one in CHROMIUM' : false

/** Starts the system's Chromium. Without its sandbox, which root has not: it opens pages of this project only. */
export async function launch(): Promise<Browser> {
  if (found === undefined) throw new Error(String(MISSING))
  return await chromium.launch({ executablePath: found, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

export interface Look {
  width?: number
  height?: number
  dark?: boolean
}

/** A page, with everything that went wrong in it: scripts' errors, and what its policy forbade. */
export interface Watched {
  page: Page
  context: BrowserContext
  troubles: string[]
}

export async function openPage(browser: Browser, { width = 1200, height = 800, dark = false }: Look = {}): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
  })
  const page = await context.newPage()
  const troubles: string[] = []
  page.on('pageerror', (error) => troubles.push(`script: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) troubles.push(message.text())
  })
  return { page, context, troubles }
}
