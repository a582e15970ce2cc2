// What a person manages on the page: repositories, registries, projects, accounts; and what is refused.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { isObject } from '../../src/kube/json-value.ts'
import type { JsonObject } from '../../src/kube/object.ts'
import { axeFindings, missingForBrowser, openPage } from '../support/browser.ts'
import type { StoryPlane } from '../support/control-plane.ts'
import { startHtpasswdRegistry } from '../support/docker-registry.ts'
import { begin, button, configMap, createWeb, DEPLOYMENT, logIn } from '../support/page-scene.ts'

const skip = missingForBrowser() ?? false
const skipRegistry =
  missingForBrowser() ?? (existsSync('/usr/bin/docker-registry') ? false : 'apt-get install docker-registry')

async function setConfig(story: StoryPlane, name: string, data: Readonly<Record<string, string>>): Promise<void> {
  const configMap = await story.client.resourceOf({ group: '', kind: 'ConfigMap' })
  assert.ok(configMap)
  await story.client.patch({ type: configMap, namespace: 'argocd', name }, 'merge', { data: { ...data } })
}

/** The button of a dialog that sends it. */
async function submit(page: Page, name: string): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name, exact: true }).click()
}

/** Waits until the API tells of a registry that is in use. */
async function untilUsed({ api }: StoryPlane): Promise<void> {
  for (const end = Date.now() + 60_000; ;) {
    const { items } = await api.call<{ readonly items: readonly JsonObject[] }>('registry.RegistryService/List', {})
    if (items.some(({ usage }) => isObject(usage) && usage['namespaceCount'] === 1)) return
    assert.ok(Date.now() < end, JSON.stringify(items))
    await setTimeout(100)
  }
}

test(
  'a repository is connected, tested, renamed and removed; one that does not answer is refused',
  { skip },
  async (t) => {
    const { page, repository } = await begin(t)
    repository.commit({ 'web/a.yaml': configMap('a', 'red') })
    await logIn(page, '/settings/repositories')
    await page.getByText('No repository is registered yet.').waitFor()

    await button(page, 'CONNECT REPO').click()
    const dialog = page.getByRole('dialog')
    await submit(page, 'CONNECT')
    await dialog.getByText('This field is needed.').waitFor()
    await dialog.getByLabel('Repository URL').fill(`${repository.url}-that-is-not-there`)
    await submit(page, 'CONNECT')
    await dialog.getByRole('alert').waitFor()
    await dialog.getByLabel('Repository URL').fill(repository.url)
    await dialog.getByLabel('Name', { exact: true }).fill('deploy')
    assert.deepEqual(await axeFindings(page), [])
    await submit(page, 'CONNECT')
    await dialog.waitFor({ state: 'detached' })
    const row = page.getByRole('row', { name: /deploy/ })
    await row.getByText('Successful').waitFor()

    await row.getByRole('button', { name: 'Test the connection' }).click()
    await row.getByText('Successful').waitFor()
    await row.getByRole('button', { name: 'Edit deploy' }).click()
    await dialog.getByLabel('Name', { exact: true }).fill('renamed')
    await submit(page, 'SAVE')
    await dialog.waitFor({ state: 'detached' })
    await page
      .getByRole('row', { name: /renamed/ })
      .getByRole('button', { name: 'Remove renamed' })
      .click()
    await submit(page, 'Remove')
    await page.getByText('No repository is registered yet.').waitFor()

    await button(page, 'ADD TEMPLATE').click()
    await dialog.getByLabel('Kind').selectOption('ssh')
    await dialog.getByLabel('URL prefix').fill('git@git.example.com:team')
    await dialog.getByLabel('SSH private key').fill('-----BEGIN KEY-----\nabc\n-----END KEY-----\n')
    await submit(page, 'CONNECT')
    await page.getByRole('row', { name: /git@git\.example\.com:team.*Git over SSH/ }).waitFor()
  },
)

test(
  '[000-02] a registry is added under Settings with its login, changed and removed',
  { skip: skipRegistry },
  async (t) => {
    const { page, story, repository } = await begin(t)
    const registry = await startHtpasswdRegistry(t)
    registry.setPassword('my-user', 'my-password')
    await logIn(page, '/settings/registries')
    await page.getByText('No registry is registered yet.').waitFor()

    await button(page, 'ADD REGISTRY').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Registry address').fill(registry.host)
    await dialog.getByLabel('Username').fill('my-user')
    await dialog.getByLabel('Password or access token').fill('wrong')
    await submit(page, 'Add')
    await dialog.getByRole('alert').waitFor()
    await dialog.getByLabel('Password or access token').fill('my-password')
    assert.deepEqual(await axeFindings(page), [])
    await submit(page, 'Add')
    await dialog.waitFor({ state: 'detached' })
    const row = page.getByRole('row', { name: new RegExp(registry.host) })
    await row.getByText('my-user').waitFor()
    await row.getByText('No application uses its images.').waitFor()

    await row.getByRole('button', { name: /^Test the login/ }).click()
    await row.getByText('Successful').waitFor()
    repository.commit({ 'web/deployment.yaml': DEPLOYMENT.replace('nginx:1.29.1', `${registry.host}/team/web:1`) })
    await createWeb({ page, story, repository })
    await story.api.call('application.ApplicationService/Sync', { name: 'web' })
    await untilUsed(story)
    await page.reload()
    await row.getByRole('button', { name: 'Applications: 1, namespaces: 1' }).click()
    await dialog.getByRole('row', { name: /web/ }).waitFor()
    assert.deepEqual(await axeFindings(page), [])
    assert.match(
      (await dialog.getByRole('link', { name: 'web' }).getAttribute('href')) ?? '',
      /applications\/argocd\/web$/,
    )
    await page.keyboard.press('Escape')
    await row.getByRole('button', { name: /^Change/ }).click()
    await dialog.getByLabel('Do not propagate').check()
    await submit(page, 'SAVE')
    await row.getByText('Not propagated').waitFor()
    await row.getByRole('button', { name: /^Remove/ }).click()
    await submit(page, 'Remove')
    await page.getByText('No registry is registered yet.').waitFor()
  },
)

test(
  'a project is made and everything of it edited: sources, roles with tokens, windows, YAML',
  { skip },
  async (t) => {
    const { page } = await begin(t)
    await logIn(page, '/settings/projects')
    await button(page, 'NEW PROJECT').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name', { exact: true }).fill('payments')
    await submit(page, 'CREATE')

    const sources = page.getByRole('region', { name: 'Source repositories' })
    await sources.getByRole('button', { name: 'ADD' }).click()
    await sources.getByRole('combobox').fill('https://git.example.com/payments/*')
    await button(page, 'SAVE').click()
    await page.getByText('Saved.').waitFor()

    await page.getByRole('tab', { name: 'Roles' }).click()
    await button(page, 'NEW ROLE').click()
    await dialog.getByLabel('Role name').fill('ci')
    await dialog.getByRole('button', { name: 'sync all' }).click()
    await submit(page, 'DONE')
    const role = page.getByRole('region', { name: 'ci' })
    assert.equal(await role.getByRole('button', { name: 'NEW TOKEN' }).getAttribute('aria-disabled'), 'true')
    await button(page, 'SAVE').click()
    await page.getByText('Saved.').waitFor()
    await role.getByText('p, proj:payments:ci, applications, sync, payments/*, allow').waitFor()
    await role.getByRole('button', { name: 'NEW TOKEN' }).click()
    await dialog.getByLabel('ID').fill('pipeline')
    await submit(page, 'CREATE')
    assert.match((await dialog.locator('code').textContent()) ?? '', /^ey[\w-]+\.ey[\w-]+\.[\w-]+$/)
    await submit(page, 'DONE')
    await role.getByRole('row', { name: /pipeline/ }).waitFor()

    await page.getByRole('tab', { name: 'Sync windows' }).click()
    await button(page, 'NEW WINDOW').click()
    await dialog.getByLabel('Opens at (cron)').fill('61 * * * *')
    await submit(page, 'DONE')
    await dialog
      .getByRole('alert')
      .getByText(/minute '61'/)
      .waitFor()
    await dialog.getByLabel('Opens at (cron)').fill('0 9 * * *')
    await submit(page, 'DONE')
    await page.getByText('Open next').waitFor()
    await button(page, 'SAVE').click()
    await page.getByText('Saved.').waitFor()

    await page.getByRole('tab', { name: 'YAML' }).click()
    await page.locator('.cm-content').getByText('0 9 * * *').waitFor()
    await button(page, 'DELETE').click()
    await dialog.getByLabel('Type payments to confirm').fill('payments')
    await submit(page, 'DELETE')
    await page.waitForURL('**/settings/projects')
    await page.getByRole('link', { name: 'payments' }).waitFor({ state: 'detached' })
  },
)

test('tokens of accounts are shown once; who may not do something is told so', { skip }, async (t) => {
  const { page, story } = await begin(t)
  await setConfig(story, 'argocd-cm', { 'accounts.alice': 'login, apiKey' })
  await setConfig(story, 'argocd-rbac-cm', { 'policy.csv': 'p, alice, projects, get, *, allow' })
  await logIn(page, '/settings/accounts')
  const alice = page.getByRole('region', { name: 'alice' })
  const dialog = page.getByRole('dialog')

  await alice.getByRole('button', { name: 'CHANGE PASSWORD' }).click()
  await dialog.getByLabel('Your current password').fill('wrong')
  for (const field of ['New password', 'New password again']) {
    await dialog.getByLabel(field, { exact: true }).fill('alices password')
  }
  await submit(page, 'SAVE')
  await dialog.getByRole('alert').getByText('current password does not match').waitFor()
  await dialog.getByLabel('Your current password').fill('correct horse')
  await submit(page, 'SAVE')
  await page.getByText('The password of alice was changed.').waitFor()
  await alice.getByRole('button', { name: 'NEW TOKEN' }).click()
  await dialog.getByLabel('ID').fill('laptop')
  await submit(page, 'CREATE')
  await dialog.getByText('Keep this token now: it is shown this once.').waitFor()
  assert.deepEqual(await axeFindings(page), [])
  await submit(page, 'DONE')
  await alice
    .getByRole('row', { name: /laptop/ })
    .getByRole('button', { name: 'Delete token laptop' })
    .click()
  await submit(page, 'DELETE')
  await alice.getByRole('row', { name: /laptop/ }).waitFor({ state: 'detached' })

  const hers = await openPage(t, { baseURL: story.plane.url })
  await hers.goto('/settings/projects')
  await hers.getByLabel('Username').fill('alice')
  await hers.getByLabel('Password').fill('alices password')
  await hers.keyboard.press('Enter')
  const create = hers.getByRole('button', { name: 'NEW PROJECT' })
  await hers.locator('button[aria-disabled=true]', { hasText: 'NEW PROJECT' }).waitFor()
  await hers.getByText(/It needs the right “projects, create”/).waitFor({ state: 'attached' })
  await create.click({ force: true })
  assert.equal(await hers.getByRole('dialog').count(), 0)
  await hers.goto('/status')
  await hers.getByRole('alert').getByText('permission denied: clusters, update, *').waitFor()
  assert.deepEqual(await axeFindings(hers), [])
})
