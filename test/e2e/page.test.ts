// What a person does on the page, in a real browser: from the NEW APP form to differences, live edits and back.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { axeFindings, missingForBrowser } from '../support/browser.ts'
import { isSynced } from '../support/control-plane.ts'
import { configMap, begin, logIn, createWeb, sync, untilShown, button, dataOf } from '../support/page-scene.ts'

const skip = missingForBrowser() ?? false
const API_TESTER = new URL('../../examples/api-tester/', import.meta.url).pathname

test('[001-36] the NEW APP form deploys api-tester with values-dev.yaml into anotherclass-223', { skip }, async (t) => {
  const { story, page, repository } = await begin(t)
  const folder = '2232-build-push-git/deploy/helm/api-tester'
  const chart = readdirSync(API_TESTER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  repository.commit(
    Object.fromEntries(chart.map((file) => [join(folder, file.slice(API_TESTER.length)), readFileSync(file, 'utf8')])),
  )
  await logIn(page)

  await page.getByRole('link', { name: 'NEW APP' }).first().click()
  for (const section of ['GENERAL', 'SOURCE', 'DESTINATION']) {
    await page.getByRole('heading', { name: section, exact: true }).waitFor()
  }
  assert.equal(await page.getByLabel('Project Name').inputValue(), 'default')
  assert.equal(await page.getByLabel('Cluster URL').inputValue(), 'https://kubernetes.default.svc')
  assert.equal(await page.getByLabel('SYNC POLICY').inputValue(), 'manual')
  await page.getByLabel('Application Name').fill('api-tester-2232-build-push-git')
  await page.getByLabel('Repository URL').fill(repository.url)
  await page.getByLabel('Revision').fill('main')
  await page.getByLabel('Path').fill(folder)
  await page.getByText('Recognised as Helm').waitFor()
  await page.getByLabel('Namespace', { exact: true }).fill('anotherclass-223')
  await page.getByLabel('AUTO-CREATE NAMESPACE').check()
  const choices = await page
    .locator('datalist option[value^=values]')
    .evaluateAll((found) => found.map((one) => one.textContent))
  assert.deepEqual(choices, ['values-dev.yaml', 'values-prod.yaml', 'values.yaml'])
  await page.getByLabel('VALUES FILES').fill('values-dev.yaml')
  await page.keyboard.press('Enter')
  await button(page, 'CREATE').click()

  await page.waitForURL('**/applications/argocd/api-tester-2232-build-push-git')
  await untilShown(page, 'OutOfSync')
  await sync(page)
  await untilShown(page, 'Synced')
  await untilShown(page, 'Healthy')
  const { spec } = await story.application('api-tester-2232-build-push-git', isSynced)
  assert.deepEqual(spec.source?.helm?.valueFiles, ['values-dev.yaml'])
  await page
    .getByRole('treeitem', { name: /^Pod.*Healthy/ })
    .first()
    .waitFor()
})

test('[001-36] what the server refuses is shown at the top of the form in its words', { skip }, async (t) => {
  const scene = await begin(t)
  const { page, repository } = scene
  repository.commit({ 'web/a.yaml': configMap('a', 'red') })
  await logIn(page, '/applications/new')

  await button(page, 'CREATE').click()
  assert.equal(await page.getByText('This field is needed.').count(), 3)
  assert.equal(await page.evaluate('document.activeElement.labels[0].textContent'), 'Application Name')
  await page.getByLabel('Application Name').fill('web')
  await page.getByLabel('Project Name').fill('nope')
  await page.getByLabel('Repository URL').fill(repository.url)
  await page.getByLabel('Path').fill('web')
  await button(page, 'CREATE').click()

  const alert = page.getByRole('alert')
  await alert.getByText('app is not allowed in project "nope", or the project does not exist').waitFor()
})

test(
  '[001-11] [001-12] [001-13] REFRESH finds a commit, APP DIFF is active only while there is a difference, SYNC deploys it',
  { skip },
  async (t) => {
    const scene = await begin(t)
    const { page, repository, story } = scene
    repository.commit({ 'web/a.yaml': configMap('a', 'red'), 'web/b.yaml': configMap('b', 'grey') })
    await createWeb(scene)
    await logIn(page, '/applications/argocd/web')
    await untilShown(page, 'OutOfSync')
    assert.equal(await button(page, 'APP DIFF').isEnabled(), true)

    await sync(page)
    await untilShown(page, 'Synced')
    assert.equal(await button(page, 'APP DIFF').isEnabled(), false)
    await page.getByText('successfully synced (all tasks run)').first().waitFor()

    repository.commit({ 'web/a.yaml': configMap('a', 'blue') }, 'Paint it blue')
    await button(page, 'REFRESH').click()
    await untilShown(page, 'OutOfSync')
    await page.getByText('Paint it blue').waitFor()
    await button(page, 'APP DIFF').click()
    const dialog = page.getByRole('dialog')
    await dialog.locator('.line.removed', { hasText: 'color: red' }).waitFor()
    await dialog.locator('.line.added', { hasText: 'color: blue' }).waitFor()
    await dialog.getByRole('button', { name: 'Side by side' }).click()
    await dialog.locator('.pair', { hasText: /color: red.*color: blue/s }).waitFor()
    assert.deepEqual(await axeFindings(page), [])
    await page.keyboard.press('Escape')

    await sync(page)
    await untilShown(page, 'Synced')
    assert.deepEqual(dataOf(await story.live('v1', 'ConfigMap', 'web/a')), { color: 'blue' })
  },
)

test('[001-23] a dry run changes nothing, PRUNE deletes what Git has deleted', { skip }, async (t) => {
  const scene = await begin(t)
  const { page, repository, story } = scene
  repository.commit({ 'web/a.yaml': configMap('a', 'red'), 'web/b.yaml': configMap('b', 'grey') })
  await createWeb(scene)
  await logIn(page, '/applications/argocd/web')
  await untilShown(page, 'OutOfSync')
  await sync(page)
  await untilShown(page, 'Synced')
  repository.commit({ 'web/b.yaml': null })
  await button(page, 'REFRESH').click()
  await page.getByRole('treeitem', { name: /^ConfigMap.*to be pruned/ }).waitFor()

  await sync(page, 'PRUNE', 'DRY RUN')
  await story.application('web', ({ status, operation }) => {
    const state = status?.operationState
    return operation === undefined && state?.operation.sync?.dryRun === true && state.phase === 'Succeeded'
  })
  assert.notEqual(await story.live('v1', 'ConfigMap', 'web/b'), undefined)
  await sync(page, 'PRUNE')
  await untilShown(page, 'Synced')

  assert.equal(await story.live('v1', 'ConfigMap', 'web/b'), undefined)
  await page.getByRole('treeitem', { name: /to be pruned/ }).waitFor({ state: 'detached' })
})

test('[001-14] what was added to the cluster by hand and Git does not know is no difference', { skip }, async (t) => {
  const scene = await begin(t)
  const { page, repository, story } = scene
  repository.commit({ 'web/a.yaml': configMap('a', 'red') })
  await createWeb(scene)
  await logIn(page, '/applications/argocd/web')
  await untilShown(page, 'OutOfSync')
  await sync(page)
  await untilShown(page, 'Synced')

  const type = await story.client.resourceOf({ group: '', version: 'v1', kind: 'ConfigMap' })
  assert.ok(type !== undefined)
  const byHand = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'by-hand', namespace: 'web' } }
  await story.client.create(type, byHand)
  await button(page, 'REFRESH').click()
  await button(page, 'REFRESH').waitFor()

  await untilShown(page, 'Synced')
  assert.equal(await button(page, 'APP DIFF').isEnabled(), false)
})

test('a source that breaks is told in the words of the controller, with what to do', { skip }, async (t) => {
  const scene = await begin(t)
  const { page, repository } = scene
  repository.commit({ 'web/a.yaml': configMap('a', 'red') })
  await createWeb(scene)
  await logIn(page, '/applications/argocd/web')
  await untilShown(page, 'OutOfSync')

  repository.commit({ 'web/a.yaml': null, 'other/a.yaml': configMap('a', 'red') })
  await button(page, 'REFRESH').click()

  const alert = page.getByRole('alert')
  await alert.getByText('web: app path does not exist').waitFor()
  await alert.getByText('After the change, press REFRESH.').waitFor()
  assert.deepEqual(await axeFindings(page), [])
})

test(
  '[001-19] [001-20] [001-21] a live edit changes the cluster, shows as a difference, and a sync takes it back',
  { skip },
  async (t) => {
    const scene = await begin(t)
    const { page, repository, story } = scene
    repository.commit({ 'web/a.yaml': configMap('a', 'red') })
    await createWeb(scene)
    await logIn(page, '/applications/argocd/web')
    await untilShown(page, 'OutOfSync')
    await sync(page)
    await untilShown(page, 'Synced')

    await page.getByRole('treeitem', { name: /^ConfigMap/ }).click()
    const panel = page.getByRole('complementary')
    assert.equal(await panel.getByRole('tab', { name: 'Diff' }).isDisabled(), true)
    await panel.getByRole('tab', { name: 'Desired manifest' }).click()
    await panel.getByText('color: red').waitFor()
    assert.equal(await panel.getByRole('textbox').getAttribute('aria-readonly'), 'true')
    assert.equal(await panel.locator('[contenteditable=true]').count(), 0)
    await panel.getByRole('tab', { name: 'Live manifest' }).click()
    await button(page, 'EDIT').click()
    const editor = panel.getByRole('textbox')
    await editor.fill((await editor.innerText()).replace('color: red', 'color: green'))
    await button(page, 'SAVE').click()
    await panel.getByText('Saved.').waitFor()
    assert.deepEqual(dataOf(await story.live('v1', 'ConfigMap', 'web/a')), { color: 'green' })

    await untilShown(page, 'OutOfSync')
    await panel.getByRole('tab', { name: 'Diff' }).click()
    await panel.locator('.line.removed', { hasText: 'color: green' }).waitFor()
    await panel.locator('.line.added', { hasText: 'color: red' }).waitFor()
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    await sync(page)
    await untilShown(page, 'Synced')
    assert.deepEqual(dataOf(await story.live('v1', 'ConfigMap', 'web/a')), { color: 'red' })
  },
)

test('the list is live, also for what the command line does', { skip }, async (t) => {
  const scene = await begin(t)
  const { page, repository, story } = scene
  repository.commit({ 'web/a.yaml': configMap('a', 'red') })
  await logIn(page)
  await page.getByText('There are no applications yet.').waitFor()

  await createWeb(scene)
  const row = page.getByRole('link', { name: /^web/ })
  await row.getByText('OutOfSync').waitFor()
  await story.api.call('application.ApplicationService/Sync', { name: 'web' })
  await row.getByText('Synced', { exact: true }).waitFor()
  await story.api.call('application.ApplicationService/Delete', { name: 'web', cascade: true })
  await row.waitFor({ state: 'detached' })
})

test('deleting asks for the name and leads back to the list; what was deployed may stay', { skip }, async (t) => {
  const scene = await begin(t)
  const { page, repository, story } = scene
  repository.commit({ 'web/a.yaml': configMap('a', 'red') })
  await createWeb(scene)
  await logIn(page, '/applications/argocd/web')
  await untilShown(page, 'OutOfSync')
  await sync(page)
  await untilShown(page, 'Synced')

  await button(page, 'DELETE').click()
  const dialog = page.getByRole('dialog')
  const confirm = dialog.getByRole('button', { name: 'DELETE' })
  await dialog.getByLabel('The application only').check()
  assert.equal(await confirm.isDisabled(), true)
  await dialog.getByLabel('Type web to confirm').fill('web')
  await confirm.click()

  await page.waitForURL('**/applications')
  assert.deepEqual(dataOf(await story.live('v1', 'ConfigMap', 'web/a')), { color: 'red' })
})

test('HISTORY AND ROLLBACK deploys an earlier revision again', { skip }, async (t) => {
  const scene = await begin(t)
  const { page, repository, story } = scene
  repository.commit({ 'web/a.yaml': configMap('a', 'red') }, 'Red first')
  await createWeb(scene)
  await logIn(page, '/applications/argocd/web')
  await untilShown(page, 'OutOfSync')
  await sync(page)
  await untilShown(page, 'Synced')
  repository.commit({ 'web/a.yaml': configMap('a', 'blue') }, 'Then blue')
  await button(page, 'REFRESH').click()
  await untilShown(page, 'OutOfSync')
  await sync(page)
  await untilShown(page, 'Synced')

  await button(page, 'HISTORY AND ROLLBACK').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Red first').waitFor()
  await dialog.getByRole('button', { name: 'ROLL BACK' }).click()
  await dialog.locator('.confirmation').getByRole('button', { name: 'ROLL BACK' }).click()
  await dialog.waitFor({ state: 'detached' })
  await untilShown(page, 'OutOfSync')

  assert.deepEqual(dataOf(await story.live('v1', 'ConfigMap', 'web/a')), { color: 'red' })
})

test('the address without a namespace, as notifications write it, leads to the application', { skip }, async (t) => {
  const scene = await begin(t)
  const { page, repository } = scene
  repository.commit({ 'web/a.yaml': configMap('a', 'red') })
  await createWeb(scene)

  await logIn(page, '/applications/web')

  await page.waitForURL('**/applications/argocd/web')
  await untilShown(page, 'OutOfSync')
  await page.goto('/applications/none')
  await page.getByText('"none" not found').waitFor()
})
