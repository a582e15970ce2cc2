import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { temporaryFolder } from '../../test/support/git.ts'
import { pageFiles } from './page.ts'

async function serve(t: TestContext, folder: string, base = '/'): Promise<string> {
  const page = pageFiles(folder)
  const server = createServer((request, response) =>
    page.answer(request, response, { path: (request.url ?? '/').split('?', 1)[0] ?? '/', base }),
  )
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('serves built files, and the page for every path of its own', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<title>page</title>')
  writeFileSync(join(folder, 'assets/app.js'), 'run()')
  const base = await serve(t, folder)

  const script = await fetch(`${base}/assets/app.js`)
  assert.deepEqual([script.status, script.headers.get('content-type')], [200, 'text/javascript'])
  assert.match(script.headers.get('cache-control') ?? '', /immutable/)
  const policy = script.headers.get('content-security-policy') ?? ''
  for (const part of ["default-src 'self'", "object-src 'none'", "base-uri 'self'", "form-action 'self'"]) {
    assert.ok(policy.includes(part), part)
  }
  assert.doesNotMatch(policy, /script-src|unsafe-eval|https?:/)
  await script.text()
  assert.match(await (await fetch(`${base}/applications/argocd/web`)).text(), /page/)
  assert.equal((await fetch(`${base}/assets/missing.js`)).status, 404)
  assert.equal((await fetch(`${base}/`, { method: 'POST' })).status, 405)
})

test('writes the base into the page, wherever in it somebody begins, and lets nothing out of it', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'index.html'), '<base href="/" /><title>page</title>')
  const base = await serve(t, folder, '/a"><b>&/')
  for (const path of ['/', '/index.html', '/applications/argocd/web']) {
    const text = await (await fetch(`${base}${path}`)).text()
    assert.equal(text, '<base href="/a&quot;>&lt;b>&amp;/" /><title>page</title>')
  }
})

test('gives nothing from outside its folder', async (t) => {
  const folder = join(temporaryFolder(t), 'ui')
  mkdirSync(folder)
  writeFileSync(join(folder, '../secret.txt'), 'secret')
  const base = await serve(t, folder)

  for (const path of ['/..%2fsecret.txt', '/%2e%2e/secret.txt', '/%00.txt', '/%zz.txt']) {
    const response = await fetch(`${base}${path}`)
    assert.doesNotMatch(await response.text(), /^secret$/, path)
  }
})

test('without a built page it says how to build it', async (t) => {
  const base = await serve(t, join(temporaryFolder(t), 'nothing'))

  assert.match(await (await fetch(`${base}/`)).text(), /npm run build:ui/)
})
