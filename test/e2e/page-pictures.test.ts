// Makes the pictures of docs/guides/page.md anew, where CAPSTAN_PICTURES names the folder to write them to.
import { join } from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { missingForBrowser } from '../support/browser.ts'
import { begin, configMap, createWeb, DEPLOYMENT, logIn } from '../support/page-scene.ts'

const folder = process.env['CAPSTAN_PICTURES']
const skip = folder === undefined ? 'pictures are made on demand: CAPSTAN_PICTURES=docs/images' : missingForBrowser() ?? false // prettier-ignore

async function picture(page: Page, name: string): Promise<void> {
  await page.locator('.skeleton, .code.waiting').first().waitFor({ state: 'detached' })
  await page.screenshot({ path: join(folder ?? '', `page-${name}.png`), animations: 'disabled' })
}

test('the pictures of the guide to the page', { skip }, async (t) => {
  const scene = await begin(t)
  const { page, repository, story } = scene
  repository.commit({ 'web/a.yaml': configMap('a', 'red'), 'web/web.yaml': DEPLOYMENT })
  for (const name of ['web', 'web-staging', 'web-production']) await createWeb(scene, name)
  await story.api.call('application.ApplicationService/Sync', { name: 'web' })
  await story.application('web', ({ status }) => status?.health?.status === 'Healthy')
  await page.setViewportSize({ width: 1280, height: 760 })
  await logIn(page)

  await page.getByRole('link', { name: /^web-staging/ }).waitFor()
  await picture(page, 'list')
  await page.goto('/applications/argocd/web')
  await page.getByRole('treeitem', { name: /^Pod/ }).first().waitFor()
  await picture(page, 'application')
  await page.goto('/applications/new?clone=argocd/web')
  await page.getByText(/Recognised as/).waitFor()
  await picture(page, 'new-application')
  await page.goto('/settings/projects/default?tab=windows')
  await page.getByRole('button', { name: 'NEW WINDOW' }).click()
  await page.getByRole('dialog').waitFor()
  await picture(page, 'sync-window')
  await page.goto('/settings/clusters')
  await picture(page, 'settings')
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto('/status')
  await page.getByText('Renderers').waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').getByRole('combobox').fill('web')
  await page.getByRole('option', { name: /^web/ }).first().waitFor()
  await picture(page, 'palette')
})
