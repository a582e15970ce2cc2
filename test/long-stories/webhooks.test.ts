// Webhooks of forges as the guide tells them: a push is delivered without waiting for a poll; a flood harms nobody.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { isSynced, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { createRepository, serveGitOverHttp, temporaryFolder, type TestRepository } from '../support/git.ts'
import { configMap } from '../support/manifests.ts'
import { deliverFrom } from '../support/private-repository.ts'

interface Scene {
  readonly story: StoryPlane
  readonly repository: TestRepository
  /** As applications name it. */
  readonly url: string
}

/** A repository on a host that has to be asked: polling would see a commit after two minutes at the earliest. */
async function open(t: TestContext): Promise<Scene> {
  const root = temporaryFolder(t)
  const repository = createRepository(join(root, 'deploy'))
  repository.commit({ 'web/one.json': configMap('one', 'first') })
  const base = await serveGitOverHttp(t, { root })
  const story = await startStoryPlane(t)
  const url = `${base}/deploy`
  await deliverFrom(story, url)
  await story.application('web', isSynced)
  return { story, repository, url }
}

function pushTo(url: string, more: object = {}): string {
  const repository = { html_url: url, default_branch: 'main' }
  return JSON.stringify({ ref: 'refs/heads/main', repository, commits: [], ...more })
}

async function send(story: StoryPlane, body: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const url = `${story.plane.url}/api/webhook`
  const response = await fetch(url, { method: 'POST', headers: { 'x-github-event': 'push', ...headers }, body })
  await response.arrayBuffer()
  return response.status
}

/** As `send`, by a connection that is kept: ten thousand are to cost the receiver more than the sender. */
function sendBy(agent: Agent, story: StoryPlane, body: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const headers = { 'x-github-event': 'push', 'content-length': Buffer.byteLength(body) }
  const call = request(`${story.plane.url}/api/webhook`, { method: 'POST', agent, headers }, (response) => {
    response.resume()
    response.on('end', () => resolve(response.statusCode ?? 0))
  })
  call.on('error', reject)
  call.end(body)
  return promise
}

async function setSecret(story: StoryPlane, values: Readonly<Record<string, string>>): Promise<void> {
  const type = await story.client.resourceOf({ group: '', kind: 'Secret' })
  assert.ok(type)
  const ref = { type, namespace: 'argocd', name: 'argocd-secret' }
  await story.client.patch(ref, 'merge', { stringData: { ...values } })
}

describe('webhooks', () => {
  test('a push is delivered at once; without its proof, or from elsewhere, it is not', async (t) => {
    const { story, repository, url } = await open(t)
    await setSecret(story, { 'webhook.github.secret': 'hush' })
    const signed = (body: string): Record<string, string> => ({
      'x-hub-signature-256': `sha256=${createHmac('sha256', 'hush').update(body).digest('hex')}`,
    })
    const body = pushTo(url)
    const elsewhere = pushTo('https://git.example.com/else')

    const commit = repository.commit({ 'web/one.json': configMap('one', 'second') })
    // The secret acts as soon as it is seen: until then nothing is checked.
    let status = await send(story, elsewhere)
    while (status === 200) status = await send(story, elsewhere)
    assert.equal(status, 400)
    assert.equal(await send(story, body, signed('another')), 400)
    assert.equal(await send(story, elsewhere, signed(elsewhere)), 200)
    assert.equal(await send(story, body, signed(body)), 200)
    await story.application('web', (one) => isSynced(one) && one.status?.sync?.revision === commit)
  })

  test('an application that names its paths is refreshed where one of them changed', async (t) => {
    const { story, repository, url } = await open(t)
    const { type } = story.plane.applications
    const annotations = { 'argocd.argoproj.io/manifest-generate-paths': '.' }
    await story.client.patch({ type, namespace: 'argocd', name: 'web' }, 'merge', { metadata: { annotations } })
    await story.application('web', ({ metadata }) => metadata.annotations?.['argocd.argoproj.io/manifest-generate-paths'] === '.') // prettier-ignore

    const commit = repository.commit({ 'web/one.json': configMap('one', 'second') })
    assert.equal(await send(story, pushTo(url, { commits: [{ modified: ['web/one.json'] }] })), 200)

    await story.application('web', (one) => isSynced(one) && one.status?.sync?.revision === commit)
  })

  // A busy machine may take minutes for what takes an idle one seconds.
  test('10,000 are taken with bounded memory, and the next one is delivered', { timeout: 400_000 }, async (t) => {
    const { story, repository, url } = await open(t)
    const files = Array.from({ length: 20 }, (_, index) => `some/folder/file-${index}.yaml`)
    const bodies = Array.from({ length: 500 }, (_, index) =>
      pushTo(index === 0 ? url : `https://git.example.com/acme/service-${index}`, { commits: [{ modified: files }] }),
    )
    await send(story, bodies[0] ?? '')
    const before = process.memoryUsage().heapUsed + process.memoryUsage().external
    let most = before
    const startMs = performance.now()

    const agent = new Agent({ keepAlive: true, maxSockets: 20 })
    t.after(() => agent.destroy())
    const statuses = new Set<number>()
    const sender = async (from: number): Promise<void> => {
      for (let index = from; index < 10_000; index += 20) {
        statuses.add(await sendBy(agent, story, bodies[index % bodies.length] ?? ''))
        if (index % 500 === 0) most = Math.max(most, process.memoryUsage().heapUsed + process.memoryUsage().external)
      }
    }
    await Promise.all(Array.from({ length: 20 }, (_, index) => sender(index)))

    const seconds = (performance.now() - startMs) / 1000
    const grown = (most - before) / (1 << 20)
    t.diagnostic(`10,000 webhooks in ${seconds.toFixed(1)} s, ${grown.toFixed(0)} MiB more at most, not collected`)
    assert.deepEqual([...statuses], [200])
    // Far above what is seen: what waits is bounded by itself, the rest is garbage not yet collected.
    assert.ok(grown < 512, `${grown} MiB`)
    const commit = repository.commit({ 'web/one.json': configMap('one', 'second') })
    assert.equal(await send(story, pushTo(url)), 200)
    await story.application('web', (one) => isSynced(one) && one.status?.sync?.revision === commit)
  })
})
