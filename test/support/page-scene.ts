// What tests of the page share: a plane, a repository, a browser, and the everyday steps on the page.
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { openPage } from './browser.ts'
import { ADMIN_PASSWORD, startStoryPlane, type StoryPlane } from './control-plane.ts'
import { createRepository, temporaryFolder, type TestRepository } from './git.ts'

const CREATE = 'application.ApplicationService/Create'

export function configMap(name: string, color: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  color: ${color}\n`
}

export const DEPLOYMENT: string = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: nginx:1.29.1
`

export interface Scene {
  readonly story: StoryPlane
  readonly page: Page
  readonly repository: TestRepository
}

/** Starts a control plane and opens its page. */
export async function begin(
  t: TestContext,
  options: { readonly locale?: string; readonly dark?: boolean } = {},
): Promise<Scene> {
  const story = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  const page = await openPage(t, {
    baseURL: story.plane.url,
    colorScheme: options.dark === true ? 'dark' : 'light',
    ...(options.locale === undefined ? {} : { locale: options.locale }),
  })
  return { story, page, repository }
}

export async function logIn(page: Page, path = '/'): Promise<void> {
  await page.goto(path)
  await page.locator('input[autocomplete=username]').fill('admin')
  await page.locator('input[type=password]').fill(ADMIN_PASSWORD)
  await page.keyboard.press('Enter')
  await page.locator('header.head').waitFor()
}

/** An application of the repository's folder `web`, to be synced by hand into a namespace of its own name. */
export async function createWeb({ story, repository }: Scene, name = 'web'): Promise<void> {
  const application = {
    metadata: { name },
    spec: {
      project: 'default',
      source: { repoURL: repository.url, path: 'web', targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace: name },
      syncPolicy: { syncOptions: ['CreateNamespace=true'] },
    },
  }
  await story.api.call(CREATE, { application })
}

/** Fills and sends the SYNC dialog. */
export async function sync(page: Page, ...options: readonly string[]): Promise<void> {
  await page.getByRole('button', { name: 'SYNC', exact: true }).click()
  for (const option of options) await page.getByLabel(option, { exact: true }).check()
  await page.getByRole('button', { name: 'SYNCHRONIZE' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

/** Waits until the card at the top shows the sync status. */
export async function untilShown(page: Page, status: string): Promise<void> {
  await page.locator('.cards').getByText(status, { exact: true }).waitFor()
}

/** A button by its whole name. */
export function button(page: Page, name: string): Locator {
  return page.getByRole('button', { name, exact: true })
}

/** The `data` of a ConfigMap. */
export function dataOf(object: object | undefined): unknown {
  return object !== undefined && 'data' in object ? object.data : undefined
}
