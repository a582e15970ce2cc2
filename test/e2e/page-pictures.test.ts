// The pictures of docs/guides/page.md can be taken; CAPSTAN_PICTURES=docs/images keeps them.
import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { missingForBrowser } from '../support/browser.ts'
import { temporaryFolder } from '../support/git.ts'
import { begin, configMap, createWeb, DEPLOYMENT, logIn } from '../support/page-scene.ts'

/** Nothing but a plain ground takes less. */
const LEAST_BYTES = 20_000

async function picture(page: Page, folder: string, name: string): Promise<void> {
  await page.locator('.skeleton, .code.waiting').first().waitFor({ state: 'detached' })
  const path = join(folder, `page-${name}.png`)
  await page.screenshot({ path, animations: 'disabled' })
  assert.ok(statSync(path).size > LEAST_BYTES, `${name} shows something`)
}

test('the pictures of the guide to the page', { skip: missingForBrowser() ?? false }, async (t) => {
  const folder = process.env['CAPSTAN_PICTURES'] ?? temporaryFolder(t)
  const scene = await begin(t)
  const { page, repository, story } = scene
  repository.commit({ 'web/a.yaml': configMap('a', 'red'), 'web/web.yaml': DEPLOYMENT })
  for (const name of ['web', 'web-staging', 'web-production']) await createWeb(scene, name)
  await story.api.call('application.ApplicationService/Sync', { name: 'web' })
  await story.application('web', ({ status }) => status?.health?.status === 'Healthy')
  await page.setViewportSize({ width: 1280, height: 760 })
  await logIn(page)

  await page.getByRole('link', { name: /^web-staging/ }).waitFor()
  await picture(page, folder, 'list')
  await page.goto('/applications/argocd/web')
  await page.getByRole('treeitem', { name: /^Pod/ }).first().waitFor()
  await picture(page, folder, 'application')
  await page.goto('/applications/new?clone=argocd/web')
  await page.getByText(/Recognised as/).waitFor()
  await picture(page, folder, 'new-application')
  await page.goto('/settings/projects/default?tab=windows')
  await page.getByRole('button', { name: 'NEW WINDOW' }).click()
  await page.getByRole('dialog').waitFor()
  await picture(page, folder, 'sync-window')
  await page.goto('/settings/clusters')
  await page.getByText('in-cluster').first().waitFor()
  await picture(page, folder, 'settings')
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto('/status')
  await page.getByText('Renderers').waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').getByRole('combobox').fill('web')
  await page.getByRole('option', { name: /^web/ }).first().waitFor()
  await picture(page, folder, 'palette')
})
