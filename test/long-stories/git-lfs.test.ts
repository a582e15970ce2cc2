// Large files: the real git-lfs pushes them, Capstan reads them without it, over https and from this disk.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { isSynced, startStoryPlane } from '../support/control-plane.ts'
import { accessScene, readText } from '../support/git-access-scene.ts'
import { createRepository, git, serveGitOverHttp, temporaryFolder, type TestRepository } from '../support/git.ts'
import { lfsServer, type LfsServer } from '../support/lfs-server.ts'
import { configMap } from '../support/manifests.ts'
import { correct, deliverFrom, refresh, register } from '../support/private-repository.ts'
import { newKey, startSshd } from '../support/sshd.ts'

const LOGIN = { username: 'git', password: 'token' }

interface Host {
  readonly url: string
  readonly lfs: LfsServer
  readonly work: TestRepository
}

/** A repository whose `*.json` are in LFS, with a remote that wants a login. */
async function startHost(t: TestContext): Promise<Host> {
  const root = temporaryFolder(t)
  git(root, 'init', '--quiet', '--bare', '--initial-branch=main', 'app.git')
  git(join(root, 'app.git'), 'config', 'http.receivepack', 'true')
  const lfs = lfsServer()
  const base = await serveGitOverHttp(t, { root, login: LOGIN, beside: lfs.beside })
  const work = createRepository(join(root, 'work'))
  git(work.folder, 'lfs', 'install', '--local', '--skip-smudge')
  git(work.folder, 'config', 'lfs.locksverify', 'false')
  git(work.folder, 'lfs', 'track', '*.json')
  git(work.folder, 'remote', 'add', 'origin', `${base.replace('//', '//git:token@')}/app.git`)
  return {
    url: `${base}/app.git`,
    lfs,
    work,
  }
}

/** The server runs in this process: git must not be waited for in one piece. */
async function push({ work }: Host): Promise<void> {
  await promisify(execFile)('git', ['push', '--quiet', 'origin', 'main'], { cwd: work.folder })
}

test('what git-lfs pushed is delivered once LFS is enabled; until then its pointers are what Git holds', async (t) => {
  const host = await startHost(t)
  host.work.commit({ 'web/one.json': configMap('one', 'x'.repeat(2000)), 'other.json': '{}' })
  await push(host)
  const plain = accessScene(t, { registered: [{ fields: { url: host.url, ...LOGIN } }] })
  assert.match((await readText(plain, host.url, 'web/one.json')) ?? '', /^version https:\/\/git-lfs/)
  const story = await startStoryPlane(t)
  await register(story, { type: 'git', url: host.url, ...LOGIN })
  await deliverFrom(story, host.url)
  await story.application(
    'web',
    ({ status }) => status?.conditions?.some(({ type }) => type === 'ComparisonError') === true,
  )

  await correct(story, { enableLfs: 'true' })
  await refresh(story)

  await story.application('web', isSynced)
  const live = await story.live('v1', 'ConfigMap', 'web/one')
  assert.match(JSON.stringify(live), /x{2000}/)
  assert.deepEqual(
    host.lfs.asked.filter((what) => what === 'GET'),
    ['GET'],
  )
})

test('a file the server has lost, or has another for, is told by name', async (t) => {
  const host = await startHost(t)
  host.work.commit({ 'a.json': randomBytes(3000).toString('hex'), 'b.json': 'b'.repeat(500) })
  await push(host)
  const scene = accessScene(t, { registered: [{ fields: { url: host.url, ...LOGIN, enableLfs: 'true' } }] })
  const [lost = '', changed = ''] = ['a.json', 'b.json'].map((path) => oidOf(host.work, path))
  host.lfs.objects.delete(lost)
  host.lfs.objects.set(changed, Buffer.from('c'.repeat(500)))

  await assert.rejects(readText(scene, host.url, 'a.json'), /a\.json: .*Object does not exist on the server: \[404\]/)
  await assert.rejects(readText(scene, host.url, 'b.json'), /b\.json: .*came with other content/)
})

test('over ssh the host says where its files are, and what opens them', async (t) => {
  const host = await startHost(t)
  host.work.commit({ 'a.json': 'x'.repeat(500) })
  await push(host)
  const folder = temporaryFolder(t)
  const authorization = `Basic ${Buffer.from('git:token').toString('base64')}`
  const answer = JSON.stringify({ href: `${host.url}/info/lfs`, header: { Authorization: authorization } })
  const program = join(folder, 'git-lfs-authenticate')
  writeFileSync(program, `#!/bin/sh\necho "$@" > '${folder}/asked'\necho '${answer}'\n`, { mode: 0o755 })
  const key = newKey(folder, 'deploy')
  const sshd = await startSshd(t, key, `${folder}:${process.env['PATH'] ?? ''}`)
  const url = sshd.urlOf(host.work.folder)
  const fields = { url, sshPrivateKey: key.privateKey, enableLfs: 'true' }
  const scene = accessScene(t, { registered: [{ fields }], knownHosts: `${sshd.knownHost}\n` })

  assert.equal(await readText(scene, url, 'a.json'), 'x'.repeat(500))

  assert.equal(readFileSync(join(folder, 'asked'), 'utf8'), `${host.work.folder} download\n`)
  writeFileSync(program, '#!/bin/sh\necho "no such repository here" >&2\nexit 1\n', { mode: 0o755 })
  const again = accessScene(t, { registered: [{ fields }], knownHosts: `${sshd.knownHost}\n` })
  await assert.rejects(readText(again, url, 'a.json'), /a\.json: .*git-lfs-authenticate: .*no such repository here/)
})

test('a repository on this disk gives what git-lfs keeps there', async (t) => {
  const folder = temporaryFolder(t)
  const work = createRepository(join(folder, 'work'))
  git(work.folder, 'lfs', 'install', '--local')
  git(work.folder, 'lfs', 'track', '*.bin')
  work.commit({ 'a.bin': 'large', 'a.txt': 'small' })
  const scene = accessScene(t, { registered: [{ fields: { url: work.url, enableLfs: 'true' } }] })

  assert.equal(await readText(scene, work.url, 'a.bin'), 'large')
  assert.equal(await readText(scene, work.url, 'a.txt'), 'small')
})

function oidOf(work: TestRepository, path: string): string {
  return /oid sha256:(?<oid>[0-9a-f]+)/.exec(git(work.folder, 'show', `HEAD:${path}`))?.groups?.['oid'] ?? ''
}
