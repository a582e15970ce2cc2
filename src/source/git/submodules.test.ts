import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import {
  createRepository,
  git,
  serveGitOverHttp,
  temporaryFolder,
  type TestRepository,
} from '../../../test/support/git.ts'
import { systemClock } from '../../base/clock.ts'
import { Secret } from '../../base/secret.ts'
import type { FileTree } from '../file-tree.ts'
import type { OpenOptions } from '../provider.ts'
import { createGitProvider } from './provider.ts'
import {
  MAX_SUBMODULE_DEPTH,
  MAX_SUBMODULES,
  parseSubmodules,
  resolveSubmoduleUrl,
  Submodules,
  topLevel,
} from './submodules.ts'

const LOGIN = { username: 'ci', password: 'ghp_secret/1' }

interface Setup {
  readonly permitted?: (url: string) => boolean
  readonly areWanted?: boolean
}

/** A server with repositories at `<base>/<name>/.git`, and the provider of a project that knows the login of all of them. */
async function serve(
  t: TestContext,
  { permitted = () => true, areWanted = true }: Setup = {},
): Promise<{
  readonly repository: (name: string) => TestRepository
  readonly open: (name: string, options?: Partial<OpenOptions>) => Promise<FileTree>
  readonly asked: readonly string[]
}> {
  const root = temporaryFolder(t)
  const base = await serveGitOverHttp(t, { root, login: LOGIN })
  const asked: string[] = []
  const sources = createGitProvider({
    cacheFolder: join(root, 'cache'),
    clock: systemClock,
    accessFor: async (url) => {
      asked.push(url)
      return url.endsWith('/app/.git') ? { username: LOGIN.username, password: new Secret(LOGIN.password) } : {}
    },
    submodules: { areWanted, isRegistered: () => false, isPermitted: permitted },
  })
  t.after(() => sources.close())
  return {
    asked,
    repository: (name) => createRepository(join(root, name)),
    open: async (name, options = {}) => {
      const location = { repoURL: `${base}/${name}/.git`, targetRevision: 'main' }
      return (await sources.open(location, { project: 'default', freshness: 'latest', ...options })).tree
    },
  }
}

/** Pins another repository's commit at a path, as `git submodule add` does. */
function pin(repository: TestRepository, path: string, commit: string, url: string): void {
  mkdirSync(join(repository.folder, path), { recursive: true })
  const module = [`submodule.${path}.path`, `submodule.${path}.url`]
  git(repository.folder, 'config', '--file', '.gitmodules', module[0] ?? '', path)
  git(repository.folder, 'config', '--file', '.gitmodules', module[1] ?? '', url)
  git(repository.folder, 'add', '.gitmodules')
  git(repository.folder, 'update-index', '--add', '--cacheinfo', `160000,${commit},${path}`)
  git(repository.folder, 'commit', '--quiet', '--message', `Pin ${path}`)
}

async function text(tree: FileTree, path: string): Promise<string | undefined> {
  const file = await tree.readFile(path)
  return file && Buffer.from(file.bytes).toString()
}

test('files of submodules and of theirs are read with the credentials of the repository beside them', async (t) => {
  const { repository, open } = await serve(t)
  const deep = repository('deep').commit({ 'd.txt': 'deep' })
  const library = repository('library')
  library.commit({ 'a.txt': 'old', 'sub/b.txt': 'b' })
  pin(library, 'inner', deep, '../../deep/.git')
  const pinned = git(library.folder, 'rev-parse', 'HEAD')
  library.commit({ 'a.txt': 'newer than what is pinned' })
  const app = repository('app')
  app.commit({ 'web/x.txt': 'x' })
  pin(app, 'modules/library', pinned, '../../library/.git')

  const tree = await open('app')

  assert.equal(await text(tree, 'modules/library/a.txt'), 'old')
  assert.equal(await text(tree, 'modules/library/inner/d.txt'), 'deep')
  assert.equal(await tree.readFile('modules/library/none.txt'), undefined)
  assert.deepEqual(
    (await tree.readDirectory('modules'))?.map(({ name, type }) => `${type} ${name}`),
    ['directory library'],
  )
  assert.deepEqual(
    (await tree.readDirectory('modules/library'))?.map(({ name, type }) => `${type} ${name}`),
    ['file .gitmodules', 'file a.txt', 'directory inner', 'directory sub'],
  )
})

test('a link leads into a submodule, and nothing leads out of one', async (t) => {
  const { repository, open } = await serve(t)
  const library = repository('library').commit({ 'a.txt': 'a' })
  const app = repository('app')
  mkdirSync(join(app.folder, 'web'))
  symlinkSync('../library', join(app.folder, 'web/link'))
  app.commit({ 'x.txt': 'x' })
  pin(app, 'library', library, '../../library/.git')

  const tree = await open('app')

  assert.equal(await text(tree, 'web/link/a.txt'), 'a')
  await assert.rejects(tree.readFile('library/../../x'), /outside the repository/)
})

test('without submodules their directories are empty', async (t) => {
  const off = await serve(t, { areWanted: false })
  const library = off.repository('library').commit({ 'a.txt': 'a' })
  const app = off.repository('app')
  app.commit({ 'x.txt': 'x' })
  pin(app, 'library', library, '../../library/.git')

  const [without, wanted] = [await off.open('app'), await off.open('app', { submodules: true })]

  assert.equal(await without.readFile('library/a.txt'), undefined)
  assert.equal((await without.readDirectory(''))?.find(({ name }) => name === 'library')?.type, 'submodule')
  assert.equal(await text(wanted, 'library/a.txt'), 'a')
})

test('a repository that the project does not list is read without credentials, and the error names .gitmodules', async (t) => {
  const { repository, open } = await serve(t, { permitted: (url) => !url.includes('library') })
  const library = repository('library').commit({ 'a.txt': 'a' })
  const app = repository('app')
  app.commit({ 'x.txt': 'x' })
  pin(app, 'library', library, '../../library/.git')
  const tree = await open('app')

  await assert.rejects(tree.readFile('library/a.txt'), {
    code: 'unauthenticated',
    message: /^\.gitmodules: submodule library: repository http.*wants a login/,
  })
  assert.equal(await text(tree, 'x.txt'), 'x')
})

for (const [url, code, message] of [
  ['file:///etc', 'forbidden', /paths of this machine are not read/],
  ['/etc', 'forbidden', /paths of this machine are not read/],
  ['http://169.254.169.254/latest', 'forbidden', /metadata service/],
  ['http://localhost:1/x.git', 'forbidden', /address of this machine/],
  ['http://2130706433:1/x.git', 'forbidden', /address of this machine/],
  ['git@127.0.0.1:x.git', 'forbidden', /address of this machine/],
  ['ext::sh -c id', 'bad-input', /is not usable/],
  ['--upload-pack=id', 'bad-input', /is not usable/],
  ['../../../../x.git', 'bad-input', /leads out of/],
] as const) {
  test(`a submodule at ${url} is refused`, async () => {
    const submodules = submodulesWith([{ path: 'lib', url, update: '' }])

    await assert.rejects(submodules.treeAt('lib', 'c'), (error: Error & { code?: string }) => {
      assert.match(error.message, /^\.gitmodules: /)
      assert.match(error.message, message)
      assert.equal(error.code, code)
      return true
    })
  })
}

test('depth and number of submodules are limited; one that is not named or not updated is told apart', async () => {
  const many = Array.from({ length: MAX_SUBMODULES + 1 }, (_, i) => ({
    path: `m${i}`,
    url: 'https://git.example.com/m.git',
    update: '',
  }))
  const submodules = submodulesWith(many)
  await Promise.all(many.slice(0, -1).map(({ path }) => submodules.treeAt(path, 'c')))

  await assert.rejects(submodules.treeAt(`m${MAX_SUBMODULES}`, 'c'), { code: 'limit' })
  await assert.rejects(submodulesWith(many, MAX_SUBMODULE_DEPTH).treeAt('m1', 'c'), { code: 'limit' })
  await assert.rejects(submodulesWith(many).treeAt('other', 'c'), /no url found for submodule path 'other'/)
  assert.equal(await submodulesWith([{ path: 'a', url: 'https://x/y', update: 'none' }]).treeAt('a', 'c'), undefined)
  assert.equal(await submodulesWith(undefined).treeAt('a', 'c'), undefined)
})

function submodulesWith(
  entries: readonly { path: string; url: string; update: string }[] | undefined,
  depth = 0,
): Submodules {
  const tree: FileTree = { revision: 'c', readFile: async () => undefined, readDirectory: async () => [] }
  return new Submodules({
    ...topLevel(),
    depth,
    parentUrl: 'https://git.example.com/org/app.git',
    project: 'default',
    rules: { isRegistered: (url) => url.startsWith('https://git.example.com/'), isPermitted: () => true },
    read: async () => entries,
    open: async () => tree,
  })
}

for (const [parent, url, expected] of [
  ['https://h/org/app.git', '../lib.git', 'https://h/org/lib.git'],
  ['https://h/org/app.git/', '../../x/lib.git', 'https://h/x/lib.git'],
  ['https://h/org/app.git', './lib', 'https://h/org/app.git/lib'],
  ['git@h:org/app.git', '../lib.git', 'git@h:org/lib.git'],
  ['git@h:app.git', '../lib.git', 'git@h:lib.git'],
  ['ssh://git@h:22/org/app.git', '../lib.git', 'ssh://git@h:22/org/lib.git'],
  ['https://h/org/app.git', 'https://other/lib.git', 'https://other/lib.git'],
  ['https://h/org/app.git', 'git@h:org/lib.git', 'git@h:org/lib.git'],
] as const) {
  test(`${url} in ${parent} is ${expected}`, () => assert.equal(resolveSubmoduleUrl(parent, url), expected))
}

test('.gitmodules is read as git prints it: names with dots, other keys and incomplete entries aside', () => {
  const listed = [
    'submodule.a.b.path\nx/y/',
    'submodule.a.b.url\nhttps://h/a.git',
    'submodule.a.b.branch\nmain',
    'submodule.c.path\nc',
    'core.bare\ntrue',
    'submodule.d.path\nd',
    'submodule.d.url\n../d',
    'submodule.d.update\nnone',
    '',
  ].join('\0')

  assert.deepEqual(parseSubmodules(listed), [
    { path: 'x/y', url: 'https://h/a.git', update: '' },
    { path: 'd', url: '../d', update: 'none' },
  ])
})
