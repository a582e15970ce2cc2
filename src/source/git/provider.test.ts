import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { createRepository, git, serveGitOverHttp, temporaryFolder } from '../../../test/support/git.ts'
import { systemClock } from '../../base/clock.ts'
import { Secret } from '../../base/secret.ts'
import type { SourceProvider } from '../provider.ts'
import type { GitAccess } from './access.ts'
import { createGitProvider } from './provider.ts'

const OPEN = { project: 'default', freshness: 'latest' } as const

function provider(t: TestContext, access: GitAccess = {}): { provider: SourceProvider; cacheFolder: string } {
  const cacheFolder = join(temporaryFolder(t), 'cache')
  const created = createGitProvider({ cacheFolder, clock: systemClock, accessFor: async () => access })
  t.after(() => created.close())
  return { provider: created, cacheFolder }
}

async function textOf(
  sources: SourceProvider,
  repoURL: string,
  targetRevision: string,
  path: string,
): Promise<string | undefined> {
  const { tree } = await sources.open({ repoURL, targetRevision }, OPEN)
  const file = await tree.readFile(path)
  return file && Buffer.from(file.bytes).toString()
}

describe('a repository on this disk', () => {
  test('[001-09] opens branches, tags, commits, abbreviated commits, HEAD and ranges', async (t) => {
    const repository = createRepository(join(temporaryFolder(t), 'repo'))
    const first = repository.commit({ 'a.txt': 'one' })
    git(repository.folder, 'tag', 'v1.0.0')
    repository.commit({ 'a.txt': 'two' })
    git(repository.folder, 'tag', '--annotate', '--message', 'x', 'v1.2.0')
    git(repository.folder, 'tag', 'v2.0.0-rc1')
    git(repository.folder, 'switch', '--quiet', '--create', 'dev')
    repository.commit({ 'a.txt': 'three' })
    git(repository.folder, 'switch', '--quiet', 'main')
    const { provider: sources } = provider(t)
    const cases: [string, string][] = [
      ['', 'two'],
      ['HEAD', 'two'],
      ['main', 'two'],
      ['dev', 'three'],
      ['refs/heads/dev', 'three'],
      ['v1.0.0', 'one'],
      ['v1.2.0', 'two'],
      ['>=1.0.0 <1.1.0', 'one'],
      ['1.x', 'two'],
      ['*', 'two'],
      [first, 'one'],
      [first.slice(0, 8), 'one'],
    ]

    for (const [revision, wanted] of cases) {
      assert.equal(await textOf(sources, repository.url, revision, 'a.txt'), wanted, revision)
    }
  })

  test('says what to do when a revision or a repository does not exist', async (t) => {
    const folder = temporaryFolder(t)
    const repository = createRepository(join(folder, 'repo'))
    const empty = createRepository(join(folder, 'empty'))
    repository.commit({ 'a.txt': 'one' })
    mkdirSync(join(folder, 'plain'))
    const { provider: sources } = provider(t)
    const cases: [string, string, RegExp][] = [
      [repository.url, 'nope', /unable to resolve 'nope' to a commit SHA: no branch or tag .*branches: main/],
      [repository.url, '>9', /no tag satisfies this range/],
      [repository.url, 'a'.repeat(40), /no such commit/],
      [repository.url, 'abcdef0', /no branch, tag or commit begins so/],
      [empty.url, 'main', /has no commits yet/],
      [`file://${folder}/plain`, 'main', /is not a Git repository; check repoURL/],
      ['ext::sh -c touch% x', 'main', /is not usable/],
      ['--upload-pack=x', 'main', /is not usable/],
    ]

    for (const [url, revision, message] of cases) {
      await assert.rejects(
        sources.open({ repoURL: url, targetRevision: revision }, OPEN),
        message,
        `${url} ${revision}`,
      )
    }
  })

  test('follows links inside the tree and refuses those that leave it', async (t) => {
    const repository = createRepository(join(temporaryFolder(t), 'repo'))
    mkdirSync(join(repository.folder, 'a'))
    symlinkSync('../b/real.txt', join(repository.folder, 'a/link.txt'))
    symlinkSync('/etc/passwd', join(repository.folder, 'a/absolute'))
    symlinkSync('../../outside', join(repository.folder, 'a/above'))
    symlinkSync('loop', join(repository.folder, 'a/loop'))
    symlinkSync('b', join(repository.folder, 'folder'))
    repository.commit({ 'b/real.txt': 'real' })
    const { tree } = await provider(t).provider.open({ repoURL: repository.url }, OPEN)

    assert.equal(Buffer.from((await tree.readFile('a/link.txt'))?.bytes ?? []).toString(), 'real')
    assert.equal((await tree.readDirectory('folder'))?.[0]?.name, 'real.txt')
    assert.equal(await tree.readFile('b/none.txt'), undefined)
    assert.equal(await tree.readDirectory('b/real.txt'), undefined)
    for (const path of ['a/absolute', 'a/above', '../x'])
      await assert.rejects(tree.readFile(path), /outside the repository/)
    await assert.rejects(tree.readFile('a/loop'), /too many levels of symbolic links/)
  })

  test('tells when a ref moves, and gives author, date and message', async (t) => {
    const repository = createRepository(join(temporaryFolder(t), 'repo'))
    repository.commit({ 'a.txt': 'one' })
    const { provider: sources } = provider(t)
    const { promise: moved, resolve } = Promise.withResolvers<string>()
    sources.onRefsMoved(resolve)
    await sources.open({ repoURL: repository.url }, OPEN)

    const commit = repository.commit({ 'a.txt': 'two' }, 'Second\n\nbody')

    assert.equal(await moved, repository.url)
    const opened = await sources.open({ repoURL: repository.url }, { ...OPEN, freshness: 'cached' })
    assert.equal(opened.revision, commit)
    const facts = await sources.revisionMetadata({ repoURL: repository.url }, OPEN)
    assert.deepEqual(
      { author: facts.author, message: facts.message },
      { author: 'Ada <ada@example.com>', message: 'Second\n\nbody' },
    )
    assert.match(facts.date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  })
})

describe('a repository over HTTP', () => {
  const login = { username: 'ci', password: 'ghp_secret/1' }

  test('[004-43] fetches one commit at depth 1 with user and token, and keeps no secret on disk', async (t) => {
    const root = temporaryFolder(t)
    const repository = createRepository(join(root, 'app'))
    const old = repository.commit({ 'a.txt': 'one' })
    repository.commit({ 'a.txt': 'two' })
    const base = await serveGitOverHttp(t, { root, login })
    const { provider: sources, cacheFolder } = provider(t, {
      username: login.username,
      password: new Secret(login.password),
    })

    assert.equal(await textOf(sources, `${base}/app/.git`, 'main', 'a.txt'), 'two')
    const [bare = ''] = readdirSync(cacheFolder)
    assert.equal(git(join(cacheFolder, bare), 'rev-list', '--count', '--all'), '1')
    assert.equal(await textOf(sources, `${base}/app/.git`, old, 'a.txt'), 'one')
    repository.commit({ 'a.txt': 'three' })
    assert.equal(await textOf(sources, `${base}/app/.git`, 'main', 'a.txt'), 'three')
    assert.equal(await textOf(sources, `${base}/app/.git`, old.slice(0, 8), 'a.txt'), 'one')
    assert.deepEqual(readdirSync(cacheFolder), [bare])
  })

  test('[004-45] a refused login says what the host said and points to a token or SSH key', async (t) => {
    const root = temporaryFolder(t)
    createRepository(join(root, 'app')).commit({ 'a.txt': 'one' })
    const wrong = { username: 'ci', password: new Secret('hunter2') }
    const refusals: [string, RegExp][] = [
      [
        'Invalid username or token. Password authentication is not supported for Git operations.',
        /not supported for Git operations.*personal access token.*SSH key/,
      ],
      ['', /register(?:ed)? .* token/],
    ]

    for (const [refusal, message] of refusals) {
      const base = await serveGitOverHttp(t, { root, login, refusal })
      await assert.rejects(provider(t, wrong).provider.open({ repoURL: `${base}/app/.git` }, OPEN), (error: Error) => {
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /hunter2/)
        return true
      })
    }
    await assert.rejects(
      provider(t).provider.open({ repoURL: 'http://127.0.0.1:1/x.git' }, OPEN),
      /does not answer: check repoURL, port, proxy and the network/,
    )
  })
})
