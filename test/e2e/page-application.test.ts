// What a person does with one application: sync with a look before, differences, policy, logs, terminal, actions.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { axeFindings, missingForBrowser } from '../support/browser.ts'
import { isSynced } from '../support/control-plane.ts'
import { takePicture } from '../support/page-pictures.ts'
import { begin, button, configMap, createWeb, dataOf, logIn, sync, untilShown } from '../support/page-scene.ts'

const skip = missingForBrowser() ?? false

const HOOK = `apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations: {argocd.argoproj.io/hook: PreSync}
spec:
  template:
    metadata:
      annotations: {capstan.dev/exit-after: 100ms}
    spec:
      restartPolicy: Never
      containers: [{name: migrate, image: busybox:1.37}]
`
const LATER = `${configMap('later', 'grey')}`.replace(
  'name: later',
  'name: later\n  annotations: {argocd.argoproj.io/sync-wave: "2"}',
)
const CHATTY = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: chatty
spec:
  replicas: 3
  selector:
    matchLabels: {app: chatty}
  template:
    metadata:
      labels: {app: chatty}
      annotations:
        capstan.dev/logs: "\\e[32mINFO\\e[0m listening\\nWARN slow query"
        capstan.dev/log-interval: 200ms
    spec:
      containers:
      - {name: web, image: 'nginx:1.29.1'}
      - {name: proxy, image: 'envoy:1.30'}
---
apiVersion: v1
kind: Service
metadata: {name: chatty}
spec: {selector: {app: chatty}, ports: [{port: 80}]}
`

test(
  '[001-12] [001-16] [001-24] a sync is looked at before, runs by phase and wave, is compared and healed',
  { skip },
  async (t) => {
    const scene = await begin(t)
    const { page, repository, story } = scene
    repository.commit(
      { 'web/a.yaml': configMap('a', 'red'), 'web/hook.yaml': HOOK, 'web/later.yaml': LATER },
      'Red first',
    )
    await createWeb(scene)
    await logIn(page, '/applications/argocd/web')
    await untilShown(page, 'OutOfSync')

    await button(page, 'SYNC').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'PREVIEW' }).click()
    await dialog.locator('.plan-count', { hasText: '2 created' }).waitFor()
    await takePicture(page, 'page-sync-preview')
    await dialog
      .getByLabel('None')
      .or(dialog.getByRole('button', { name: 'None' }))
      .click()
    assert.equal(await dialog.getByRole('button', { name: 'SYNCHRONIZE' }).isDisabled(), true)
    await dialog.getByText('Nothing would change.').waitFor()
    await dialog.getByRole('button', { name: 'All', exact: true }).click()
    await dialog.getByLabel('PRUNE LAST').check()
    await dialog.getByLabel('RETRY').check()
    await dialog.getByLabel('Limit').fill('4')
    assert.deepEqual(await axeFindings(page), [])
    await dialog.getByRole('button', { name: 'SYNCHRONIZE' }).click()
    await untilShown(page, 'Synced')
    const { status } = await story.application('web', isSynced)
    assert.equal(status?.operationState?.operation.retry?.limit, 4)
    assert.deepEqual(status.operationState.operation.sync?.syncOptions?.toSorted(), [
      'CreateNamespace=true',
      'PruneLast=true',
    ])
    await page.getByText('Results of the last sync').click()
    await page.getByRole('heading', { name: 'PreSync' }).waitFor()
    await page.getByRole('heading', { name: 'Wave 2' }).waitFor()

    repository.commit({ 'web/a.yaml': configMap('a', 'blue') }, 'Then blue')
    await button(page, 'REFRESH').click()
    await untilShown(page, 'OutOfSync')
    await page.getByRole('treeitem', { name: /^ConfigMap.*OutOfSync/ }).click()
    const panel = page.getByRole('complementary', { name: 'ConfigMap a' })
    await panel.getByRole('tab', { name: 'Diff' }).click()
    await panel.getByRole('button', { name: 'Side by side' }).click()
    await panel.getByText('/data/color', { exact: true }).waitFor()
    await panel.getByText('Lines that make this no difference').click()
    await panel.getByText('RespectIgnoreDifferences=true').waitFor()
    await takePicture(page, 'page-difference')
    assert.deepEqual(await axeFindings(page), [])
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    await sync(page)
    await untilShown(page, 'Synced')

    await button(page, 'HISTORY AND ROLLBACK').click()
    await dialog.getByRole('button', { name: 'COMPARE' }).click()
    await dialog.locator('.plan-count', { hasText: '1 changed' }).waitFor()
    await dialog.locator('.line.added', { hasText: 'color: red' }).waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })

    await button(page, 'DETAILS').click()
    const details = page.getByRole('complementary', { name: 'Application web' })
    await details.getByLabel('AUTOMATIC SYNC').check()
    await details.getByLabel('SELF HEAL').check()
    await details.getByRole('button', { name: 'SAVE' }).click()
    await details.getByRole('button', { name: 'SAVE' }).waitFor({ state: 'detached' })
    const { spec } = await story.application(
      'web',
      (application) => application.spec.syncPolicy?.automated !== undefined,
    )
    assert.equal(spec.syncPolicy?.automated?.selfHeal, true)
    assert.deepEqual(await axeFindings(page), [])
    for (const tab of ['Parameters', 'Manifest', 'Events', 'Sync windows']) {
      await details.getByRole('tab', { name: tab }).click()
      assert.deepEqual(await axeFindings(page), [], tab)
    }
    await page.goto('/applications/argocd/web?resource=/ConfigMap/web/a&tab=live')
    await panel.getByRole('button', { name: 'EDIT' }).click()
    const editor = panel.getByRole('textbox')
    await editor.fill((await editor.innerText()).replace('color: blue', 'color: green'))
    await panel.getByRole('button', { name: 'SAVE' }).click()
    const healed = ({ status: state }: { readonly status?: { readonly operationState?: unknown } }): boolean =>
      JSON.stringify(state?.operationState ?? '').includes('"automated":true')
    await story.application('web', (application) => healed(application) && isSynced(application))
    assert.deepEqual(dataOf(await story.live('v1', 'ConfigMap', 'web/a')), { color: 'blue' })
  },
)

test(
  'the resources are seen in four ways; logs of three pods, a terminal and an action stand beside them',
  { skip },
  async (t) => {
    const scene = await begin(t, { dark: true })
    const { page, repository, story } = scene
    await enableTerminals(scene)
    repository.commit({ 'web/chatty.yaml': CHATTY, 'web/a.yaml': configMap('a', 'red') })
    await createWeb(scene)
    await story.api.call('application.ApplicationService/Sync', { name: 'web' })
    await story.application(
      'web',
      (application) => isSynced(application) && application.status?.health?.status === 'Healthy',
    )
    await logIn(page, '/applications/argocd/web')

    await page.getByRole('treeitem', { name: /^Pod/ }).nth(2).waitFor()
    await takePicture(page, 'page')
    await page.getByLabel('Find resources').fill('chatty')
    await page.getByRole('treeitem', { name: /^ConfigMap/ }).waitFor({ state: 'detached' })
    await button(page, 'List').click()
    await page.getByRole('columnheader', { name: 'Namespace' }).waitFor()
    assert.match(page.url(), /view=list/)
    assert.equal(await page.getByRole('row', { name: /^ConfigMap/ }).count(), 0)
    assert.deepEqual(await axeFindings(page), [])
    await button(page, 'Pods').click()
    await button(page, 'By owner').click()
    await page.getByText('3/3 healthy').waitFor()
    assert.deepEqual(await axeFindings(page), [])
    await button(page, 'Network').click()
    await page.getByRole('treeitem', { name: /^Service/ }).waitFor()
    assert.equal(await page.getByRole('treeitem', { name: /^Pod/ }).count(), 3)

    await page.goto('/applications/argocd/web?resource=apps/Deployment/web/chatty&tab=logs')
    const panel = page.getByRole('complementary', { name: 'Deployment chatty' })
    await panel.locator('.log-line .ansi-2', { hasText: 'INFO' }).first().waitFor()
    await panel.getByLabel('Search in the logs').fill('slow query')
    await panel.locator('mark', { hasText: 'slow query' }).first().waitFor()
    await page.waitForFunction(
      `new Set([...document.querySelectorAll('.log-source')].map((one) => one.title)).size === 3`,
    )
    assert.match((await panel.getByRole('link', { name: 'Download' }).getAttribute('href')) ?? '', /download=true/)
    await takePicture(page, 'page-logs')
    assert.deepEqual(await axeFindings(page), [])

    await panel.getByRole('tab', { name: 'Terminal' }).click()
    await panel.getByText('Connected').waitFor()
    await panel.locator('.xterm-helper-textarea').focus()
    await page.keyboard.type('echo capstan-$((40+2))\n')
    await panel.locator('.xterm').getByText('capstan-42').first().waitFor()

    await panel.getByRole('button', { name: 'Actions' }).click()
    await page.getByRole('menuitem', { name: 'restart' }).click()
    await page.getByRole('button', { name: 'Run restart' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    const deployment = await story.live('apps/v1', 'Deployment', 'web/chatty')
    assert.match(JSON.stringify(deployment), /kubectl.kubernetes.io\/restartedAt/)
  },
)

test('everything of an application is there in Korean on a phone', { skip }, async (t) => {
  const scene = await begin(t, { locale: 'ko-KR', dark: true })
  const { page, repository } = scene
  await page.setViewportSize({ width: 390, height: 844 })
  repository.commit({ 'web/a.yaml': configMap(`a-${'long-'.repeat(30)}name`, 'red') })
  await createWeb(scene)
  await logIn(page, '/applications/argocd/web')
  await untilShown(page, 'OutOfSync')
  const isFitting = (): Promise<boolean> =>
    page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')

  assert.equal(await isFitting(), true)
  await page.getByRole('treeitem', { name: /^ConfigMap/ }).click()
  await page.getByRole('tab', { name: '이벤트' }).waitFor()
  assert.equal(await isFitting(), true)
  assert.deepEqual(await axeFindings(page), [])
  await page.keyboard.press('Escape')
  await page.locator('.actions').getByRole('button', { name: '동기화' }).click()
  await page.getByRole('button', { name: '미리 보기' }).click()
  await page.getByText('1 생성').waitFor()
  assert.deepEqual(await axeFindings(page), [])
  await page.keyboard.press('Escape')
  await page.goto('/applications')
  await button(page, '필터').click()
  await page.getByRole('dialog', { name: '필터' }).getByText('OutOfSync').click()
  await page.getByText('전체 1개 중 1개').waitFor()
  assert.equal(await isFitting(), true)
  assert.deepEqual(await axeFindings(page), [])
})

/** An administrator turns them on in argocd-cm. */
async function enableTerminals({ story }: Awaited<ReturnType<typeof begin>>): Promise<void> {
  const type = await story.client.resourceOf({ group: '', version: 'v1', kind: 'ConfigMap' })
  assert.ok(type !== undefined)
  const metadata = { name: 'argocd-cm', namespace: 'argocd' }
  const ref = { type, ...metadata }
  if ((await story.client.get(ref)) === undefined) {
    const labels = { 'app.kubernetes.io/part-of': 'argocd' }
    await story.client.create(type, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, labels } })
  }
  await story.client.patch(ref, 'merge', { data: { 'exec.enabled': 'true' } }, {})
}
