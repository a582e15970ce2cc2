import assert from 'node:assert/strict'
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createRepository, git, temporaryFolder, type TestRepository } from '../../../test/support/git.ts'
import { LocalRefs, MAX_PEELED_ONE_BY_ONE } from './local-refs.ts'
import { MAX_LOOSE_REFS, readRefFiles } from './ref-files.ts'
import type { Refs } from './refs.ts'

interface Scene {
  readonly repository: TestRepository
  readonly gitDirectory: string
  readonly refs: LocalRefs
  /** How many objects were peeled one by one. */
  readonly peeled: string[]
}

function openScene(t: TestContext): Scene {
  const repository = createRepository(join(temporaryFolder(t), 'app'))
  const gitDirectory = join(repository.folder, '.git')
  const peeled: string[] = []
  const refs = new LocalRefs(gitDirectory, async (id) => {
    peeled.push(id)
    try {
      return git(repository.folder, 'rev-parse', '--verify', '--quiet', `${id}^{}`)
    } catch {
      return undefined
    }
  })
  return { repository, gitDirectory, refs, peeled }
}

/** What git itself says: name → peeled id. */
function byGit({ folder }: TestRepository): Record<string, string> {
  const names = git(folder, 'for-each-ref', '--format=%(refname)').split('\n')
  return Object.fromEntries(['HEAD', ...names].map((name) => [name, git(folder, 'rev-parse', `${name}^{}`)]))
}

function shown({ commits }: Refs): Record<string, string> {
  return Object.fromEntries(commits)
}

test('loose, packed and symbolic refs read as git lists them, tags peeled', async (t) => {
  const { repository, refs } = openScene(t)
  const { folder } = repository
  repository.commit({ 'a.txt': 'one' })
  git(folder, 'tag', 'light')
  git(folder, 'tag', '--annotate', '--message=first', 'v1')
  git(folder, 'tag', '--annotate', '--message=of a tag', 'v1-again', 'v1')
  git(folder, 'branch', 'feature/deep/name')
  assert.deepEqual(shown(await refs.read()), byGit(repository))

  git(folder, 'pack-refs', '--all')
  repository.commit({ 'a.txt': 'two' })
  git(folder, 'tag', '--annotate', '--message=second', 'v2')
  git(folder, 'symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/heads/main')
  assert.deepEqual(shown(await refs.read()), byGit(repository))
  assert.equal((await refs.read()).head, 'refs/heads/main')

  git(folder, 'checkout', '--quiet', '--detach', 'v1')
  assert.deepEqual(shown(await refs.read()), byGit(repository))
  assert.equal((await refs.read()).head, undefined)
})

test('nothing is built again while nothing has moved', async (t) => {
  const { repository, refs, peeled } = openScene(t)
  repository.commit({ 'a.txt': 'one' })
  const first = await refs.read()

  assert.equal(await refs.read(), first)
  assert.equal(peeled.length, 1)
})

test('a ref that moves without a change of any time is seen', async (t) => {
  const { repository, gitDirectory, refs } = openScene(t)
  const file = join(gitDirectory, 'refs/heads/main')
  const past = new Date(1_000_000)
  const commits = [repository.commit({ 'a.txt': 'one' }), repository.commit({ 'a.txt': 'two' })]
  for (const commit of [...commits, ...commits]) {
    writeFileSync(file, `${commit}\n`)
    for (const path of [file, join(gitDirectory, 'refs/heads'), join(gitDirectory, 'refs')])
      utimesSync(path, past, past)

    assert.equal((await refs.read()).commits.get('refs/heads/main'), commit)
  }
})

test('a packed ref that moves within the same size and time is seen', async (t) => {
  const { repository, gitDirectory, refs } = openScene(t)
  const first = repository.commit({ 'a.txt': 'one' })
  const second = repository.commit({ 'a.txt': 'two' })
  const past = new Date(1_000_000)
  for (const commit of [first, second, first]) {
    const file = join(gitDirectory, 'packed-refs')
    writeFileSync(file, `# pack-refs with: peeled fully-peeled sorted \n${commit} refs/heads/other\n`)
    utimesSync(file, past, past)

    assert.equal((await refs.read()).commits.get('refs/heads/other'), commit)
  }
})

test('a deleted ref is gone, a lock is no ref, a name that leads nowhere is left out', async (t) => {
  const { repository, gitDirectory, refs } = openScene(t)
  repository.commit({ 'a.txt': 'one' })
  git(repository.folder, 'branch', 'other')
  await refs.read()
  git(repository.folder, 'branch', '-D', 'other')
  writeFileSync(join(gitDirectory, 'refs/heads/main.lock'), '')
  writeFileSync(join(gitDirectory, 'refs/heads/loop'), 'ref: refs/heads/loop\n')
  writeFileSync(join(gitDirectory, 'refs/heads/dangling'), 'ref: refs/heads/nowhere\n')

  assert.deepEqual([...(await refs.read()).commits.keys()].toSorted(), ['HEAD', 'refs/heads/main'])
})

test('an empty repository has no refs but the branch HEAD waits for', async (t) => {
  const { refs } = openScene(t)

  assert.deepEqual(await refs.read(), { head: 'refs/heads/main', commits: new Map() })
})

test('many new refs are peeled by one git', async (t) => {
  const { repository, refs, peeled } = openScene(t)
  for (let round = 0; round <= MAX_PEELED_ONE_BY_ONE; round++) {
    repository.commit({ 'a.txt': `${round}` })
    git(repository.folder, 'tag', '--annotate', '--message=x', `v${round}`)
  }

  assert.deepEqual(shown(await refs.read()), byGit(repository))
  assert.equal(peeled.length, 0)
})

test('what the files do not say is left to git', async (t) => {
  const { repository, gitDirectory, refs } = openScene(t)
  const commit = repository.commit({ 'a.txt': 'one' })
  const { folder } = repository
  for (const { path, text } of [
    { path: 'reftable', text: undefined },
    { path: 'commondir', text: '.' },
    { path: 'refs/heads/.hidden', text: 'no id' },
    { path: 'packed-refs', text: 'no line of a ref' },
  ]) {
    const file = join(gitDirectory, path)
    if (text === undefined) mkdirSync(file)
    else writeFileSync(file, text)
    assert.equal(readRefFiles(gitDirectory), undefined, path)
    rmSync(file, { recursive: true })
  }
  git(folder, 'worktree', 'add', '--quiet', join(folder, 'linked'), '-b', 'linked')
  const linked = new LocalRefs(join(gitDirectory, 'worktrees/linked'), async (id) => id)
  assert.equal((await linked.read()).commits.get('refs/heads/linked'), commit)
  assert.equal((await refs.read()).commits.get('refs/heads/linked'), commit)
})

test('more loose refs than the limit are left to git, and read all the same', async (t) => {
  const { repository, gitDirectory, refs } = openScene(t)
  const commit = repository.commit({ 'a.txt': 'one' })
  for (let index = 0; index <= MAX_LOOSE_REFS; index++) {
    writeFileSync(join(gitDirectory, `refs/heads/b${index}`), `${commit}\n`)
  }

  assert.equal(readRefFiles(gitDirectory), undefined)
  assert.equal((await refs.read()).commits.size, MAX_LOOSE_REFS + 3)
})
