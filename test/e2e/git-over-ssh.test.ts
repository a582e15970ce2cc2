// A private repository over ssh: a real sshd on loopback, a deploy key in a Secret, host keys in their ConfigMap.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { isSynced, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { createRepository, temporaryFolder, type TestRepository } from '../support/git.ts'
import { configMap } from '../support/manifests.ts'
import { complaint, correct, deliverFrom, refresh, register, trust } from '../support/private-repository.ts'
import { newKey, startSshd, type KeyPair, type Sshd } from '../support/sshd.ts'

interface SshHost {
  readonly story: StoryPlane
  readonly sshd: Sshd
  readonly repository: TestRepository
  readonly url: string
  readonly rightKey: KeyPair
  readonly wrongKey: KeyPair
}

async function startHost(t: TestContext): Promise<SshHost> {
  const folder = temporaryFolder(t)
  const repository = createRepository(join(folder, 'deploy'))
  repository.commit({ 'web/one.json': configMap('one', 'a') })
  const rightKey = newKey(folder, 'right')
  const sshd = await startSshd(t, rightKey)
  const story = await startStoryPlane(t)
  return { story, sshd, repository, url: sshd.urlOf(repository.folder), rightKey, wrongKey: newKey(folder, 'wrong') }
}

test('[004-46] a deploy key and a known host deliver a repository over ssh, and its next commit', async (t) => {
  const { story, sshd, repository, url, rightKey } = await startHost(t)
  await trust(story, 'argocd-ssh-known-hosts-cm', { ssh_known_hosts: `${sshd.knownHost}\n` })
  await register(story, { type: 'git', url, sshPrivateKey: rightKey.privateKey })
  await deliverFrom(story, url)
  await story.application('web', isSynced)

  const revision = repository.commit({ 'web/one.json': configMap('one', 'b') })
  await refresh(story)

  await story.application(
    'web',
    (application) => isSynced(application) && application.status?.sync?.revision === revision,
  )
})

test('[004-46] a key that is not accepted is told with what to do; the right one put in, it is delivered', async (t) => {
  const { story, sshd, url, rightKey, wrongKey } = await startHost(t)
  await trust(story, 'argocd-ssh-known-hosts-cm', { ssh_known_hosts: `${sshd.knownHost}\n` })
  await register(story, { type: 'git', url, sshPrivateKey: wrongKey.privateKey })
  await deliverFrom(story, url)

  const said = await complaint(story)
  await correct(story, { sshPrivateKey: rightKey.privateKey })
  await refresh(story)

  assert.match(said, /Permission denied \(publickey\)/)
  assert.match(said, /add its public half as a deploy key/)
  assert.doesNotMatch(said, /PRIVATE KEY/)
  await story.application('web', isSynced)
})

test('[004-47] a host that is not known is refused and named; its key put in, it is delivered', async (t) => {
  const { story, sshd, url, rightKey } = await startHost(t)
  const other = await startSshd(t, rightKey)
  await trust(story, 'argocd-ssh-known-hosts-cm', { ssh_known_hosts: `${other.knownHost}\n` })
  await register(story, { type: 'git', url, sshPrivateKey: rightKey.privateKey })
  await deliverFrom(story, url)

  const said = await complaint(story)
  await trust(story, 'argocd-ssh-known-hosts-cm', { ssh_known_hosts: `${other.knownHost}\n${sshd.knownHost}\n` })
  await refresh(story)

  assert.match(said, /Host key verification failed/)
  assert.match(said, /ssh-keyscan HOST.*argocd cert add-ssh HOST --from FILE/)
  await story.application('web', isSynced)
})
