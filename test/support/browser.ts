// Debian's Chromium for tests of the page, driven through playwright-core.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { TestContext } from 'node:test'
import { chromium, type BrowserContextOptions, type Page } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'
/** Where the page's build lies; the tests look at what is served. */
const BUILT_PAGE = new URL('../../dist/ui/index.html', import.meta.url)
/** An element that does not come within this does not come. */
const PATIENCE_MS = 30_000

export interface PageOptions extends BrowserContextOptions {
  readonly baseURL: string
}

/** What is missing for tests in a browser, as the reason to skip them; undefined where all is there. */
export function missingForBrowser(): string | undefined {
  if (!existsSync(CHROMIUM)) return 'Chromium absent: apt-get install chromium'
  if (!existsSync(BUILT_PAGE)) return 'the page is not built: npm run build:ui'
  return undefined
}

/** A page in a browser of its own, closed after the test. Errors in its scripts fail the test. */
export async function openPage(t: TestContext, options: PageOptions): Promise<Page> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  t.after(() => browser.close())
  const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1360, height: 860 }, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  t.after(() => {
    if (errors.length > 0) throw new Error(`the page's scripts failed: ${errors.join('; ')}`)
  })
  return page
}

interface AxeResult {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[]
}

/** What axe-core finds on the page as it is, one line each; rules of WCAG 2 A and AA and best practices. */
export async function axeFindings(page: Page): Promise<readonly string[]> {
  const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  // Not by a script element: the page's content-security-policy refuses those.
  await page.evaluate(source)
  const { violations } = await page.evaluate<AxeResult>('axe.run(document)')
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`))
}
