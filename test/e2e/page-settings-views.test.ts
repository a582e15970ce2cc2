// Every view beside the applications themselves: reached, free of findings, in both languages and themes, also on a phone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { axeFindings, missingForBrowser } from '../support/browser.ts'
import { begin, button, configMap, createWeb, logIn } from '../support/page-scene.ts'

const skip = missingForBrowser() ?? false

const VIEWS = [
  '/settings/repositories',
  '/settings/registries',
  '/settings/clusters',
  '/settings/projects',
  '/settings/projects/default',
  '/settings/projects/default?tab=sources',
  '/settings/projects/default?tab=resources',
  '/settings/projects/default?tab=roles',
  '/settings/projects/default?tab=windows',
  '/settings/projects/default?tab=rules',
  '/settings/projects/default?tab=yaml',
  '/settings/certificates',
  '/settings/gpg-keys',
  '/settings/accounts',
  '/settings/appearance',
  '/applicationsets',
  '/applicationsets/new',
  '/applications/new',
  '/status',
  '/account',
]

/** Waits until nothing of a view is still on its way. */
async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor()
  await page.locator('.skeleton, .yaml-wait, .code.waiting').first().waitFor({ state: 'detached' })
}

for (const [theme, locale, width] of [
  ['light', 'en-US', 1280],
  ['dark', 'ko-KR', 390],
] as const) {
  test(
    `axe-core finds nothing on any view, and none is wider than the window, in ${theme}, ${locale}, ${width} px`,
    { skip },
    async (t) => {
      const { page } = await begin(t, { locale, dark: theme === 'dark' })
      await page.setViewportSize({ width, height: 844 })
      const asked: string[] = []
      page.on('request', (request) => asked.push(new URL(request.url()).origin))
      await logIn(page)

      const findings: string[] = []
      for (const view of theme === 'light' ? VIEWS.filter((one) => !one.includes('?')) : VIEWS) {
        await page.goto(view)
        await settled(page)
        for (const finding of await axeFindings(page)) findings.push(`${view} ${finding}`)
        const excess = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
        if (excess > 0) findings.push(`${view} is ${excess} px too wide`)
      }

      assert.deepEqual(findings, [])
      // Nothing comes from another host.
      assert.deepEqual([...new Set(asked)], [new URL(page.url()).origin])
    },
  )
}

test(
  'an application set is looked at before it is made, makes its applications, and is deleted',
  { skip },
  async (t) => {
    const { page, repository, story } = await begin(t)
    repository.commit({ 'apps/one/a.yaml': configMap('a', 'red'), 'apps/two/a.yaml': configMap('a', 'blue') })
    await logIn(page, '/applicationsets')
    await page.getByRole('link', { name: 'NEW SET' }).click()
    const editor = page.locator('.cm-content')
    await editor.waitFor()
    const url = 'https://github.com/org/deploy.git'
    const first = await editor.evaluate((element) => [...element.children].map((line) => line.textContent).join('\n'))
    await editor.fill(first.replaceAll(url, repository.url).replaceAll('HEAD', 'main'))

    await button(page, 'PREVIEW').click()
    const preview = page.getByRole('region', { name: 'What it would do' })
    await preview.getByText('2 created').waitFor()
    assert.deepEqual(await axeFindings(page), [])
    await button(page, 'CREATE').click()
    await page.waitForURL('**/applicationsets/argocd/my-apps')
    await page.getByRole('link', { name: 'one', exact: true }).waitFor()
    await story.application('two', () => true)
    assert.deepEqual(await axeFindings(page), [])

    await button(page, 'DELETE').click()
    await page.getByLabel('Type my-apps to confirm').fill('my-apps')
    await page.getByRole('dialog').getByRole('button', { name: 'DELETE' }).click()
    await page.getByText('There are no application sets yet.').waitFor()
  },
)

test(
  'the palette leads anywhere by keyboard; ? shows the keys; the form begins from a clone and takes YAML',
  { skip },
  async (t) => {
    const scene = await begin(t)
    const { page, repository, story } = scene
    const { keyboard } = page
    repository.commit({ 'web/a.yaml': configMap('a', 'red') })
    await createWeb(scene)
    await logIn(page, '/settings/appearance')

    await keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    await keyboard.press('Escape')
    await keyboard.press('Control+k')
    await page.getByRole('dialog').getByRole('combobox').fill('web')
    await page.getByRole('option', { name: /^web/ }).waitFor()
    assert.deepEqual(await axeFindings(page), [])
    await keyboard.press('Enter')
    await page.waitForURL('**/applications/argocd/web')

    await page.goto('/applications/new?clone=argocd/web')
    await page.getByLabel('Application Name').fill('other')
    assert.equal(await page.getByLabel('Path').inputValue(), 'web')
    await button(page, 'YAML').click()
    await page.locator('.cm-content').getByText('name: other').waitFor()
    await button(page, 'Form').click()
    assert.equal(await page.getByLabel('Application Name').inputValue(), 'other')
    await button(page, 'CREATE').click()
    await page.waitForURL('**/applications/argocd/other')
    const { spec } = await story.application('other', () => true)
    assert.deepEqual(spec.syncPolicy?.syncOptions, ['CreateNamespace=true'])
  },
)
