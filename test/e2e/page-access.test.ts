// Who can use the page: by keyboard, with assistive technology, in two languages and themes, with and without a session.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { gzipSync } from 'node:zlib'
import { axeFindings, missingForBrowser } from '../support/browser.ts'
import { ADMIN_PASSWORD } from '../support/control-plane.ts'
import { configMap, DEPLOYMENT, begin, logIn, createWeb, untilShown, button } from '../support/page-scene.ts'

const skip = missingForBrowser() ?? false
const BUILT = new URL('../../dist/ui/', import.meta.url).pathname
/** The budget of the first load: what a slow connection brings in about a second. */
const MAX_FIRST_LOAD_BYTES = 165 * 1024

test(
  'the whole way by keyboard alone: log in, search, open, walk the tree, look at a resource, go back',
  { skip },
  async (t) => {
    const scene = await begin(t)
    const { page, repository } = scene
    const { keyboard } = page
    repository.commit({ 'web/a.yaml': configMap('a', 'red'), 'web/web.yaml': DEPLOYMENT })
    for (const name of ['other', 'web-1', 'web-2']) await createWeb(scene, name)
    await page.goto('/')
    await page.getByRole('heading', { name: 'Log in to Capstan' }).waitFor()

    await keyboard.press('Tab')
    await keyboard.type('admin')
    await keyboard.press('Tab')
    await keyboard.type(ADMIN_PASSWORD)
    await keyboard.press('Enter')
    await page.getByText('3 of 3').waitFor()
    await keyboard.press('/')
    await keyboard.type('web-')
    await page.getByText('2 of 3').waitFor()
    await page.getByRole('listitem').first().getByRole('link').focus()
    await keyboard.press('ArrowDown')
    await untilFocused(page, /^web-2/)
    await keyboard.press('Enter')
    await page.getByRole('heading', { name: 'web-2' }).waitFor()

    await page.getByRole('treeitem', { name: /^Application/ }).focus()
    await keyboard.press('ArrowRight')
    await untilFocused(page, /^ConfigMap/)
    await keyboard.press('ArrowDown')
    await untilFocused(page, /^Deployment/)
    await keyboard.press('Enter')
    const panel = page.getByRole('complementary', { name: 'Deployment web' })
    await panel.waitFor()
    await keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    await untilFocused(page, /^Deployment/)
  },
)

for (const [theme, locale, listTitle] of [
  ['light', 'en-US', 'Applications'],
  ['dark', 'ko-KR', '애플리케이션'],
] as const) {
  test(
    `axe-core finds nothing on log-in, list, application, panel and form in ${theme}, ${locale}`,
    { skip },
    async (t) => {
      const scene = await begin(t, { locale, dark: theme === 'dark' })
      const { page, repository } = scene
      repository.commit({ 'web/a.yaml': configMap('a', 'red'), 'web/web.yaml': DEPLOYMENT })
      await createWeb(scene)
      await page.goto('/')
      await page.locator('form').waitFor()
      assert.deepEqual(await axeFindings(page), [])

      await logIn(page)
      await page.getByRole('heading', { name: listTitle, exact: true }).waitFor()
      await page.getByRole('link', { name: /^web/ }).getByText('OutOfSync').waitFor()
      assert.deepEqual(await axeFindings(page), [])

      await page.getByRole('link', { name: /^web/ }).click()
      await page.getByRole('treeitem', { name: /^Deployment/ }).waitFor()
      assert.deepEqual(await axeFindings(page), [])
      await page.getByRole('treeitem', { name: /^Deployment/ }).click()
      await page.getByRole('tab').nth(1).click()
      await page.getByText('nginx:1.29.1').waitFor()
      assert.deepEqual(await axeFindings(page), [])

      await page.goto('/applications/new')
      await button(page, 'CREATE').click()
      await page.locator('[aria-invalid=true]').first().waitFor()
      assert.deepEqual(await axeFindings(page), [])
    },
  )
}

test('language and theme are chosen on the page and remembered', { skip }, async (t) => {
  const { page } = await begin(t)
  await logIn(page)

  await page.getByLabel('Theme').selectOption('dark')
  await page.getByLabel('Language').selectOption('ko')
  await page.getByRole('heading', { name: '애플리케이션', exact: true }).waitFor()
  await page.reload()

  await page.getByRole('heading', { name: '애플리케이션', exact: true }).waitFor()
  assert.equal(await page.locator('html').getAttribute('lang'), 'ko')
  assert.equal(await page.evaluate('getComputedStyle(document.documentElement).colorScheme'), 'dark')
})

test('a wrong password is told in the words of the server; a deep link survives the log-in', { skip }, async (t) => {
  const scene = await begin(t)
  const { page, repository } = scene
  repository.commit({ 'web/a.yaml': configMap('a', 'red') })
  await createWeb(scene)
  await page.goto('/applications/argocd/web')
  await page.getByLabel('Username').fill('admin')
  await page.getByLabel('Password').fill('wrong password')
  await button(page, 'LOG IN').click()

  await page.getByRole('alert').getByText('Invalid username or password').waitFor()
  await page.getByLabel('Password').fill(ADMIN_PASSWORD)
  await button(page, 'LOG IN').click()
  await page.getByRole('heading', { name: 'web' }).waitFor()
  await button(page, 'Log out').click()
  await page.getByRole('heading', { name: 'Log in to Capstan' }).waitFor()
})

test('a session that has ended leads to the log-in and back', { skip }, async (t) => {
  const scene = await begin(t)
  const { page, repository } = scene
  repository.commit({ 'web/a.yaml': configMap('a', 'red') })
  await createWeb(scene)
  await logIn(page, '/applications/argocd/web')
  await untilShown(page, 'OutOfSync')

  await page.context().clearCookies()
  await button(page, 'REFRESH').click()
  await page.getByRole('heading', { name: 'Log in to Capstan' }).waitFor()
  await page.getByLabel('Username').fill('admin')
  await page.getByLabel('Password').fill(ADMIN_PASSWORD)
  await button(page, 'LOG IN').click()

  await page.getByRole('heading', { name: 'web' }).waitFor()
})

test('the page loads at most 165 KB of compressed JavaScript before it shows something', { skip }, () => {
  const index = readFileSync(join(BUILT, 'index.html'), 'utf8')
  const scripts = [...index.matchAll(/(?:src|href)="(?<path>[^"]+\.js)"/g)].map(({ groups }) => groups?.['path'] ?? '')

  const bytes = scripts.map((path) => gzipSync(readFileSync(join(BUILT, path))).length)

  assert.ok(scripts.length > 0)
  assert.ok(
    bytes.reduce((sum, size) => sum + size, 0) <= MAX_FIRST_LOAD_BYTES,
    `${scripts.join(' ')}: ${bytes.join(' ')}`,
  )
})

/** Waits until the focus is on what has such a text. */
async function untilFocused(page: Page, text: RegExp): Promise<void> {
  await page.locator(':focus', { hasText: text }).waitFor()
}
