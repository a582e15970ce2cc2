// The page below a path: behind nginx that hands the path on, and behind one that takes it away.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { startNginx, type NginxOptions } from '../support/argocd.ts'
import { missingForBrowser, openPage } from '../support/browser.ts'
import { startStoryPlane } from '../support/control-plane.ts'
import { logIn } from '../support/page-scene.ts'

const skip = missingForBrowser() ?? false

interface Place {
  readonly base: string
  readonly serverParameters: Readonly<Record<string, string>>
  readonly nginx: NginxOptions
}

const PLACES: readonly Place[] = [
  {
    base: '/argo',
    serverParameters: { rootpath: '/argo' },
    nginx: { path: '/argo/' },
  },
  {
    base: '/deep/capstan',
    serverParameters: { basehref: '/deep/capstan/' },
    nginx: { path: '/deep/capstan/', isStripping: true },
  },
]

async function walk(t: TestContext, { base, serverParameters, nginx }: Place): Promise<void> {
  const story = await startStoryPlane(t, { serverParameters })
  const origin = `http://${await startNginx(t, new URL(story.plane.url).host, nginx)}`
  const page = await openPage(t, { baseURL: origin })
  const outside: string[] = []
  page.on('request', (request) => {
    const { pathname, origin: asked } = new URL(request.url())
    if (asked === origin && !pathname.startsWith(`${base}/`)) outside.push(pathname)
  })

  await logIn(page, `${base}/`)
  await page.waitForURL(`${origin}${base}/applications`)
  const [cookie] = await page.context().cookies()
  assert.deepEqual(
    [cookie?.name, cookie?.path, cookie?.sameSite, cookie?.httpOnly],
    ['argocd.token', base, 'Lax', true],
  )

  // Begun in the middle, where files that are loaded later have to be found, too.
  await page.goto(`${base}/settings/projects`)
  await page.getByRole('link', { name: 'default' }).first().waitFor()
  await page.locator('a.skip').focus()
  await page.keyboard.press('Enter')
  await page.waitForURL(`${origin}${base}/settings/projects#content`)
  assert.deepEqual(outside, [])

  const badge = await fetch(`${origin}${base}/api/badge?name=none`)
  assert.deepEqual([badge.status, badge.headers.get('content-type')], [200, 'image/svg+xml'])
  const version = await fetch(`${origin}${base}/api/version`)
  assert.match(await version.text(), /"Version"/)
  // Nothing stands beside it.
  assert.equal((await fetch(`${origin}/api/version`)).status, 404)
}

for (const place of PLACES) {
  test(`is whole below ${place.base}, with ${Object.keys(place.serverParameters).join()}`, { skip }, (t) =>
    walk(t, place),
  )
}
