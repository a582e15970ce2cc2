// What a person does with many applications: find, count, mark, and act on several at once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { axeFindings, missingForBrowser } from '../support/browser.ts'
import { isSynced } from '../support/control-plane.ts'
import { begin, button, configMap, createWeb, logIn, type Scene } from '../support/page-scene.ts'

const skip = missingForBrowser() ?? false
const PATCH = 'application.ApplicationService/Patch'

async function label({ story }: Scene, name: string, labels: object): Promise<void> {
  await story.api.call(PATCH, { name, patch: JSON.stringify({ metadata: { labels } }), patchType: 'merge' })
}

test(
  'applications are found by words and values, marked, shown as tiles, synced and deleted together',
  { skip },
  async (t) => {
    const scene = await begin(t)
    const { page, repository, story } = scene
    repository.commit({ 'web/a.yaml': configMap('a', 'red') })
    for (const name of ['cart', 'orders', 'pay']) await createWeb(scene, name)
    await label(scene, 'cart', { team: 'shop' })
    await label(scene, 'orders', { team: 'shop' })
    await logIn(page)
    const shown = page.locator('.item')

    await page.getByText('3 of 3').waitFor()
    const filters = page.getByRole('complementary', { name: 'Filters' })
    await filters.getByText('team=shop').click()
    await page.getByText('2 of 3').waitFor()
    assert.match(page.url(), /label=/)
    assert.equal(await shown.count(), 2)
    await page.getByRole('button', { name: 'Clear the filter' }).click()
    await page.getByLabel('Search applications').fill('!label:team=shop health:missing')
    await page.getByText('1 of 3').waitFor()
    assert.equal(await page.getByRole('link', { name: /^pay/ }).count(), 1)
    await page.reload()
    await page.getByText('1 of 3').waitFor()
    await page.getByLabel('Search applications').fill('nothing at all')
    await page.getByText('No application matches.').waitFor()
    await page.getByLabel('Search applications').fill('')
    await page.getByText('3 of 3').waitFor()

    await page.getByRole('button', { name: 'Favourite: pay' }).click()
    await page.locator('li[data-place="0"]').getByRole('link', { name: /^pay/ }).waitFor()
    await page.reload()
    await page.locator('li[data-place="0"]').getByRole('link', { name: /^pay/ }).waitFor()
    await page.getByRole('button', { name: 'As tiles' }).click()
    await page.locator('.tile').nth(2).waitFor()
    assert.deepEqual(await axeFindings(page), [])

    await page.getByLabel('Select cart').check()
    await page.getByLabel('Select orders').check()
    const chosen = page.getByRole('toolbar', { name: 'Chosen applications' })
    await chosen.getByText('2 chosen').waitFor()
    await chosen.getByRole('button', { name: 'SYNC' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Sync 2 applications').waitFor()
    assert.deepEqual(await axeFindings(page), [])
    await dialog.getByRole('button', { name: 'SYNCHRONIZE' }).click()
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await dialog.waitFor({ state: 'detached' })
    for (const name of ['cart', 'orders']) await story.application(name, isSynced)
    await page
      .getByRole('link', { name: /^orders/ })
      .getByText('Synced', { exact: true })
      .waitFor()

    await page.getByLabel('Select pay').check()
    await chosen.getByRole('button', { name: 'DELETE' }).click()
    assert.equal(await dialog.getByRole('button', { name: 'DELETE' }).isDisabled(), true)
    await dialog.getByLabel('Type 1 to confirm').fill('1')
    await dialog.getByRole('button', { name: 'DELETE' }).click()
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await page.getByText('2 of 2').waitFor()
    await page.getByRole('link', { name: /^pay/ }).waitFor({ state: 'detached' })
    assert.equal(await button(page, 'NEW APP').count(), 0)
  },
)
