import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createRepository, git, serveGitOverHttp, temporaryFolder } from '../../../test/support/git.ts'
import { systemClock } from '../../base/clock.ts'
import { GitRepository } from './repository.ts'

test('a copy gives up old commits, and fetches one again when it is asked for', async (t) => {
  const root = temporaryFolder(t)
  const origin = createRepository(join(root, 'app'))
  const url = `${await serveGitOverHttp(t, { root })}/app/.git`
  const cacheFolder = join(temporaryFolder(t), 'cache')
  const repository = new GitRepository({
    url,
    cacheFolder,
    clock: systemClock,
    access: async () => ({}),
    keptCommits: 3,
  })
  t.after(() => repository.close())
  const textAt = async (commit: string): Promise<string> => {
    const file = await (await repository.treeOf(commit)).readFile('a.txt')
    return Buffer.from(file?.bytes ?? []).toString()
  }
  const commits: string[] = []
  for (const text of ['one', 'two', 'three', 'four', 'five']) {
    commits.push(origin.commit({ 'a.txt': text }))
    assert.equal(await textAt(await repository.resolve('main', { freshness: 'latest' })), text)
  }

  const [bare = ''] = readdirSync(cacheFolder)
  assert.ok(git(join(cacheFolder, bare), 'for-each-ref').split('\n').length <= 3)
  assert.equal(await textAt(commits[0] ?? ''), 'one')
})
