// A private repository over https: a real `git http-backend` behind TLS, credentials in Secrets as the guide shows.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { clusterIdentity } from '../../src/local-cluster/start-tls.ts'
import { isSynced, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { createRepository, serveGitOverHttp, temporaryFolder } from '../support/git.ts'
import { configMap } from '../support/manifests.ts'
import { complaint, correct, deliverFrom, refresh, register, trust } from '../support/private-repository.ts'

const LOGIN = { username: 'git', password: 'github_pat_right' }
/** What GitHub answers to an account password. */
const REFUSAL = 'Password authentication is not supported for Git operations.\n'

interface PrivateHost {
  readonly story: StoryPlane
  /** Of the repository. */
  readonly url: string
  /** Of the host. */
  readonly base: string
  /** PEM of who signed the host's certificate. */
  readonly authority: string
}

async function startHost(t: TestContext): Promise<PrivateHost> {
  const root = temporaryFolder(t)
  createRepository(join(root, 'deploy')).commit({ 'web/one.json': configMap('one', 'private') })
  const { authority, server } = clusterIdentity({ directory: undefined, address: '127.0.0.1', nowMs: Date.now() })
  const base = await serveGitOverHttp(t, { root, login: LOGIN, refusal: REFUSAL, tls: server })
  return { story: await startStoryPlane(t), base, url: `${base}/deploy/.git`, authority }
}

test('[004-43] a private repository over https is delivered with the token of its Secret', async (t) => {
  const { story, url, authority } = await startHost(t)
  await trust(story, 'argocd-tls-certs-cm', { '127.0.0.1': authority })
  await register(story, { type: 'git', url, ...LOGIN })

  await deliverFrom(story, url)

  const { status } = await story.application('web', isSynced)
  assert.match(status?.sync?.revision ?? '', /^[0-9a-f]{40}$/)
  assert.notEqual(await story.live('v1', 'ConfigMap', 'web/one'), undefined)
})

test('[004-45] a refused login says what the host said and what to do; the token put right, it is delivered', async (t) => {
  const { story, url, authority } = await startHost(t)
  await trust(story, 'argocd-tls-certs-cm', { '127.0.0.1': authority })
  await register(story, { type: 'git', url, username: 'git', password: 'my account password' })
  await deliverFrom(story, url)

  const said = await complaint(story)
  await correct(story, LOGIN)
  await refresh(story)

  assert.match(said, /Password authentication is not supported for Git operations/)
  assert.match(said, /register the repository with a personal access token .*or with an SSH key/)
  assert.doesNotMatch(said, /my account password/)
  await story.application('web', isSynced)
})

test('a certificate that is not trusted is told with the way to trust it; then a credential template serves', async (t) => {
  const { story, url, base, authority } = await startHost(t)
  await register(story, { type: 'git', url: base, ...LOGIN }, 'repo-creds')
  await deliverFrom(story, url)

  const said = await complaint(story)
  await trust(story, 'argocd-tls-certs-cm', { '127.0.0.1': authority })
  await refresh(story)

  assert.match(said, /argocd cert add-tls HOST --from FILE/)
  await story.application('web', isSynced)
})
