// Addresses, proxies and revisions that try to be options or commands: git and ssh run nothing of them (CVE-2026-55797, CVE-2026-113708).
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { GitRepository } from '../../src/source/git/repository.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'

const TIMEOUT_MS = 30_000

test('no part of an address or a proxy is run', async (t) => {
  const folder = temporaryFolder(t)
  const mark = join(folder, 'was-run')
  const touch = `touch\${IFS}${mark}`
  const addresses = [
    `--upload-pack=touch ${mark}`,
    `ssh://-oProxyCommand=${touch}/x`,
    `ssh://$(${touch})/x.git`,
    `ssh://a;${touch}/x.git`,
    `git@\`touch ${mark}\`:x`,
    `ext::sh -c touch% ${mark}`,
    'ssh://git@127.0.0.1:1/x.git',
    "ssh://git@127.0.0.1:1/x'$(id)'.git",
  ]
  const proxies = [undefined, `socks5://x';touch ${mark};'@127.0.0.1:1`, `socks5://$(${touch}):1`, `socks5://127.0.0.1:1 -o ProxyCommand=${touch}`, `socks5://127.0.0.1:1/%h;touch ${mark}`] // prettier-ignore
  for (const [index, url] of addresses.entries()) {
    for (const proxy of proxies) {
      const repository = async (): Promise<void> => {
        const access = async (): Promise<object> => (proxy === undefined ? {} : { proxy })
        const opened = new GitRepository({
          url,
          cacheFolder: join(folder, `cache-${index}`),
          clock: systemClock,
          access,
        })
        try {
          await opened.refNames(AbortSignal.timeout(TIMEOUT_MS))
        } finally {
          await opened.close()
        }
      }
      await assert.rejects(repository(), `${url} by ${proxy}`)
      assert.equal(existsSync(mark), false, `${url} by ${proxy}`)
    }
  }
})

test('no revision is taken for an option', async (t) => {
  const folder = temporaryFolder(t)
  const mark = join(folder, 'was-run')
  const source = createRepository(join(folder, 'source'))
  source.commit({ 'a.txt': 'a' })
  const opened = new GitRepository({ url: source.url, cacheFolder: join(folder, 'cache'), clock: systemClock, access: async () => ({}) }) // prettier-ignore
  t.after(() => opened.close())
  for (const revision of [
    `--upload-pack=touch ${mark}`,
    '--output=/x',
    '-h',
    `main;touch ${mark}`,
    `$(touch ${mark})`,
  ]) {
    await assert.rejects(
      opened.resolve(revision, { freshness: 'latest', signal: AbortSignal.timeout(TIMEOUT_MS) }),
      revision,
    )
    assert.equal(existsSync(mark), false, revision)
  }
})
