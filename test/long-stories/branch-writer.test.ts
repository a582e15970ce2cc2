// Commits that the hydrator writes to branches of a real repository: new ones, on top of others', against refusals.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createRepository, git, temporaryFolder } from '../support/git.ts'
import { ManualClock, systemClock } from '../../src/base/clock.ts'
import { type BranchChange, type BranchWriterOptions, writeToBranch } from '../../src/source/git/branch-writer.ts'

interface Remote extends BranchWriterOptions {
  /** The bare repository. */
  readonly folder: string
}

function remote(t: TestContext): Remote {
  const root = temporaryFolder(t)
  const folder = join(root, 'remote.git')
  git(root, 'init', '--quiet', '--bare', '--initial-branch=main', folder)
  return {
    folder,
    url: `file://${folder}`,
    cacheFolder: join(root, 'cache'),
    clock: systemClock,
    access: async () => ({}),
  }
}

function change(files: Readonly<Record<string, string>> | undefined, more: Partial<BranchChange> = {}): BranchChange {
  return {
    branch: 'env/prod',
    base: 'env/prod',
    author: { name: 'Argo CD', email: 'argo-cd@example.com' },
    message: 'abc1234: Change\n\n\n\nCo-authored-by: Ada  \n\n',
    note: { namespace: 'hydrator.metadata', text: '{"drySha":"abc"}' },
    filesOver: async () => (files === undefined ? undefined : new Map(Object.entries(files))),
    ...more,
  }
}

test('a branch that is not there begins empty; files go over those that are there, with a note', async (t) => {
  const writer = remote(t)
  const path = 'apps/"we b"\\ü/manifest.yaml'

  const first = await writeToBranch(writer, change({ [path]: 'a: 1\n', 'keep.txt': 'kept' }))
  const second = await writeToBranch(writer, change({ [path]: 'a: 2\n' }))

  const show = (...args: readonly string[]): string => git(writer.folder, ...args)
  assert.equal(show('rev-parse', 'env/prod'), second.commit)
  assert.deepEqual([first.isNew, second.isNew], [true, true])
  assert.equal(show('show', `env/prod:${path}`), 'a: 2')
  assert.equal(show('show', 'env/prod:keep.txt'), 'kept')
  assert.equal(
    show('log', '--format=%s|%an|%ce', 'env/prod'),
    [
      'abc1234: Change|Argo CD|argo-cd@example.com',
      'abc1234: Change|Argo CD|argo-cd@example.com',
      'Initial commit for env/prod|Argo CD|argo-cd@example.com',
    ].join('\n'),
  )
  assert.equal(show('log', '-1', '--format=%B', 'env/prod'), 'abc1234: Change\n\nCo-authored-by: Ada')
  assert.equal(show('notes', '--ref=hydrator.metadata', 'show', second.commit), '{"drySha":"abc"}')
  assert.equal(show('fsck', '--strict'), '')
})

test('nothing to write leaves the commit, and moves its note alone', async (t) => {
  const writer = remote(t)
  const first = await writeToBranch(writer, change({ 'a/manifest.yaml': 'a: 1\n' }))
  let seen: readonly boolean[] = []

  const again = await writeToBranch(
    writer,
    change(undefined, {
      note: { namespace: 'hydrator.metadata', text: '{"drySha":"def"}' },
      filesOver: async (head) => {
        const paths = ['a/manifest.yaml', 'b/manifest.yaml', 'a']
        seen = await Promise.all(paths.map((path) => head.hasText(path, 'a: 1\n')))
        return undefined
      },
    }),
  )

  assert.deepEqual(again, { commit: first.commit, isNew: false })
  assert.deepEqual(seen, [true, false, false])
  assert.equal(git(writer.folder, 'notes', '--ref=hydrator.metadata', 'show', first.commit), '{"drySha":"def"}')
})

test('a branch before the sync branch begins where that is, which is made where it is missing', async (t) => {
  const writer = remote(t)
  const work = createRepository(join(writer.folder, '../work'))
  work.commit({ 'there.txt': 'before' })
  git(work.folder, 'push', '--quiet', writer.folder, 'main:env/dev')

  await writeToBranch(writer, change({ 'a.txt': 'a' }, { branch: 'env/dev-next', base: 'env/dev' }))
  await writeToBranch(writer, change(undefined, { branch: 'env/new-next', base: 'env/new' }))

  assert.equal(git(writer.folder, 'show', 'env/dev-next:there.txt'), 'before')
  assert.throws(() => git(writer.folder, 'show', 'env/dev:a.txt'))
  assert.equal(git(writer.folder, 'rev-parse', 'env/new-next'), git(writer.folder, 'rev-parse', 'env/new'))
})

test('whoever is faster is written upon: the change is made anew on top of it', async (t) => {
  const writer = remote(t)
  await writeToBranch(writer, change({ 'a.txt': '0' }))
  const work = join(writer.folder, '../other')
  git(join(writer.folder, '..'), 'clone', '--quiet', '--branch', 'env/prod', writer.folder, work)
  let attempts = 0

  await writeToBranch(
    writer,
    change(undefined, {
      filesOver: async () => {
        attempts++
        if (attempts === 1) {
          writeFileSync(join(work, 'other.txt'), 'other')
          git(work, 'add', '.')
          git(work, 'commit', '--quiet', '-m', 'Faster')
          git(work, 'push', '--quiet', 'origin', 'HEAD')
        }
        return new Map([['a.txt', '1']])
      },
    }),
  )

  assert.equal(attempts, 2)
  const show = (path: string): string => git(writer.folder, 'show', `env/prod:${path}`)
  assert.deepEqual([show('a.txt'), show('other.txt')], ['1', 'other'])
})

test('a copy that was left half-made is made anew; a host that refuses is told at once', async (t) => {
  const writer = remote(t)
  await writeToBranch(writer, change({ 'a.txt': '0' }))
  const [copy = ''] = readdirSync(writer.cacheFolder)
  rmSync(join(writer.cacheFolder, copy, 'objects'), { recursive: true })
  writeFileSync(join(writer.cacheFolder, copy, 'shallow.lock'), '')
  await writeToBranch(writer, change({ 'a.txt': '1' }))
  assert.equal(git(writer.folder, 'show', 'env/prod:a.txt'), '1')

  const hook = join(writer.folder, 'hooks/pre-receive')
  writeFileSync(hook, '#!/bin/sh\necho "protected branch" >&2\nexit 1\n', { mode: 0o755 })
  await assert.rejects(writeToBranch({ ...writer, clock: new ManualClock() }, change({ 'a.txt': '2' })), {
    code: 'forbidden',
    message: /protected branch/,
  })
})

test('names that are no branches, and paths out of the tree, are refused before anything is written', async (t) => {
  const writer = remote(t)
  for (const branch of [
    '',
    '-x',
    'a..b',
    'a b',
    'a/',
    '/a',
    'a.lock',
    '@{u}',
    'refs:x',
    'a\nb',
    '.a',
    'x'.repeat(300),
  ]) {
    await assert.rejects(writeToBranch(writer, change({}, { branch })), /cannot name a branch/, branch)
  }
  assert.equal(existsSync(writer.cacheFolder), false)
})
