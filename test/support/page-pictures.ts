// Pictures of the page for the guides, taken by the tests that walk through it, only where they are asked for.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'

const FOLDER = new URL('../../docs/images/', import.meta.url).pathname

/** Writes docs/images/<name>.png where CAPSTAN_PICTURES is set; nothing otherwise. */
export async function takePicture(page: Page, name: string): Promise<void> {
  if (process.env['CAPSTAN_PICTURES'] === undefined) return
  mkdirSync(FOLDER, { recursive: true })
  await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: 'disabled' })
}
