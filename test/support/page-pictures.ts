// Pictures of the page for the guides, taken by the tests that walk through it, only where they are asked for.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'

/** Writes `<name>.png` into the folder that CAPSTAN_PICTURES names; nothing where it names none. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env['CAPSTAN_PICTURES']
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
}
