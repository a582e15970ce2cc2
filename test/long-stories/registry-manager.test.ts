// imagepullsecrets-manager's own configuration, run by ours: what it does, and each thing the original did wrong.
import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { ManualClock, systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { Secret } from '../../src/base/secret.ts'
import { runManager, type ManagerResult } from '../../src/controllers/pull-secrets/manager-run.ts'
import { type KubeClient, type ResourceType } from '../../src/kube/client/client.ts'
import type { JsonObject, KubeObject } from '../../src/kube/object.ts'
import { startLocalCluster } from '../../src/local-cluster/start.ts'
import { readManagerConfig } from '../../src/pull-secrets/manager-config.ts'
import type { LoginIssuer } from '../../src/registry/issue.ts'
import { openStoryCluster } from '../support/story-cluster.ts'

const HOUR = 3_600_000
const ENDPOINT = 'https://123456789012.dkr.ecr.ap-northeast-2.amazonaws.com'
const BOT = 'bot@imagepullsecret.manager'
const LIMIT = { timeout: 120_000 }

interface Scene {
  readonly client: KubeClient
  readonly clock: ManualClock
  /** Regions that were asked for tokens. */
  readonly calls: string[]
  readonly lines: string[]
  run(config: string, more?: { readonly isDryRun?: boolean }): Promise<ManagerResult>
  secret(name: string, namespace?: string): Promise<(KubeObject & JsonObject) | undefined>
  create(object: KubeObject & JsonObject): Promise<void>
  patch(name: string, patch: JsonObject): Promise<void>
  failFor: string | undefined
}

/** One story meets the real API server where there is one; what the others ask of it is the same. */
async function scene(t: TestContext, isOnReal = false): Promise<Scene> {
  const cluster = isOnReal
    ? await openStoryCluster({ hasNodes: false, controllers: [] })
    : await startLocalCluster({ clock: systemClock, log: silentLog })
  t.after(() => cluster.close())
  const client = cluster.client('manager')
  const type = async (kind: string): Promise<ResourceType> => {
    const found = await client.resourceOf({ group: '', kind })
    assert.ok(found)
    return found
  }
  await client.create(await type('Namespace'), { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'apps' } })
  const clock = new ManualClock(Date.UTC(2026, 0, 1, 3))
  const calls: string[] = []
  const lines: string[] = []
  const issuer: LoginIssuer = {
    async issue({ login }) {
      const region = login.kind === 'ecr' ? login.region : ''
      calls.push(region)
      if (region === story.failFor) throw new Error('UnrecognizedClientException: The security token is invalid.')
      const expiresAt = new Date(clock.now() + 12 * HOUR)
      return {
        username: 'AWS',
        password: new Secret(`token-${calls.length}`),
        issuedAt: new Date(clock.now()),
        expiresAt,
        proxyEndpoint: ENDPOINT.replace('ap-northeast-2', region),
      }
    },
    async close() {},
  }
  const signal = AbortSignal.timeout(LIMIT.timeout)
  const story: Scene = {
    client,
    clock,
    calls,
    lines,
    failFor: undefined,
    async run(text, { isDryRun = false } = {}) {
      lines.length = 0
      const config = await readManagerConfig(text, async () => 'from-a-secret')
      return runManager({
        client,
        config,
        issuer,
        clock,
        random: 0,
        isDryRun,
        cleansUp: true,
        say: (line) => lines.push(line),
        signal,
      })
    },
    async secret(name, namespace = 'apps') {
      return (await client.get({ type: await type('Secret'), namespace, name })) as
        | (KubeObject & JsonObject)
        | undefined
    },
    async create(object) {
      await client.create(await type(object.kind), object)
    },
    async patch(name, patch) {
      await client.patch({ type: await type('Secret'), namespace: 'apps', name }, 'merge', patch)
    },
  }
  return story
}

const ecr = (name = 'ecr', region = 'ap-northeast-2', key = 'AKIAEXAMPLEEXAMPLE12'): string =>
  `  - {name: ${name}, kubernetes_namespace: apps, type: ECR, credential: {aws_access_key_id: ${key}, aws_secret_access_key: very-secret-key, aws_ecr_repository_region: ${region}}}\n`
const docker = (
  name = 'hub',
  more: { registry?: string; password?: string; namespace?: string; type?: string } = {},
): string =>
  `  - {name: ${name}, kubernetes_namespace: ${more.namespace ?? 'apps'}, type: ${more.type ?? 'DOCKER'}, credential: {docker_registry: ${more.registry ?? 'registry.example.com'}, docker_user: ann, docker_password: ${more.password ?? 'pa55'}, docker_email: ann@example.com}}\n`

function contentOf(secret: (KubeObject & JsonObject) | undefined): JsonObject {
  const { data } = secret as unknown as { readonly data: Readonly<Record<string, string>> }
  return JSON.parse(Buffer.from(data['.dockerconfigjson'] ?? '', 'base64').toString())
}

describe('the manager', () => {
  test('[003-04] [003-08] [003-13] creates what its configuration says, under either key', LIMIT, async (t) => {
    const story = await scene(t)

    const result = await story.run(
      `config:\n  secrets:\n  ${ecr().replaceAll('\n', '\n  ')}\n  credentials:\n  ${docker()}`,
    )

    assert.deepEqual(result, { created: 2, patched: 0, unchanged: 0, skipped: 0, deleted: 0, failures: [] })
    const [token, hub] = [await story.secret('ecr'), await story.secret('hub')]
    assert.equal(token?.['type'], 'kubernetes.io/dockerconfigjson')
    const end = (story.clock.now() + 12 * HOUR) / 1000
    assert.deepEqual(token?.metadata.labels, {
      created_by: 'imagepullsecrets-manager',
      repo_type: 'ECR',
      token_expiration_date: `${end}.0`,
    })
    const auth = Buffer.from('AWS:token-1').toString('base64')
    assert.deepEqual(contentOf(token), {
      auths: { [ENDPOINT]: { username: 'AWS', password: 'token-1', email: BOT, auth } },
    })
    assert.equal(hub?.metadata.labels?.['token_expiration_date'], 'None')
    assert.deepEqual(Object.keys(Object(contentOf(hub)['auths'])), ['registry.example.com'])
    assert.ok(
      story.lines.includes('secret(ecr) not found, it will be created.') && story.lines.includes('Creating hub...'),
    )
  })

  test('[003-01] [003-07] takes DOCKERHUB and docker.io, and writes the key that docker wants', LIMIT, async (t) => {
    const story = await scene(t)
    await story.run(`credentials:\n${docker('hub', { type: 'DOCKERHUB', registry: 'docker.io' })}`)
    const hub = await story.secret('hub')
    assert.deepEqual(Object.keys(Object(contentOf(hub)['auths'])), ['https://index.docker.io/v1/'])
    assert.equal(hub?.metadata.labels?.['repo_type'], 'DOCKER')
  })

  test('[003-11] leaves a Secret that it did not make alone, with the original words', LIMIT, async (t) => {
    const story = await scene(t)
    await story.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'hub', namespace: 'apps' },
      stringData: { a: 'b' },
    })
    // (g) the original ended at a Secret without labels.
    const result = await story.run(`credentials:\n${docker()}${docker('other')}`)
    assert.deepEqual([result.skipped, result.created, result.failures], [1, 1, []])
    assert.ok(
      story.lines.includes('secret(hub) already exist but not managed by imagepullsecret-manager. it will be skipped.'),
    )
  })

  test(
    '[003-12] cleans up what no entry wants, dry runs first, and keeps what a broken configuration may want',
    LIMIT,
    async (t) => {
      const story = await scene(t)
      await story.run(`credentials:\n${docker()}${docker('old')}`)

      const dry = await story.run(`credentials:\n${docker()}`, { isDryRun: true })
      assert.equal(dry.deleted, 1)
      assert.ok(await story.secret('old'))
      assert.ok(story.lines.includes('Found a deprecated secret(old)'))

      // (n) half a configuration, and one that is empty by mistake.
      await story.run(`credentials:\n${docker()}  - {name: old, kubernetes_namespace: apps, type: DOCKER}\n`)
      assert.ok(await story.secret('old'))
      await story.run(`credentials:\n${docker()}  - 5\n`)
      assert.ok(await story.secret('old'))
      for (const empty of ['', '# nothing\n', 'other: []', 'credentials: {a: b}', '\t- {']) {
        await assert.rejects(story.run(empty), /the configuration/)
      }
      assert.ok(await story.secret('old'))

      // (j) the last entry goes, too.
      await story.run('credentials:\n')
      assert.equal(await story.secret('old'), undefined)
      assert.equal(await story.secret('hub'), undefined)
    },
  )

  test('[003-09] [003-20] (d) asks for a token when one is due, and for nothing when nothing is', LIMIT, async (t) => {
    const story = await scene(t)
    const config = `credentials:\n${ecr()}`
    await story.run(config)
    const made = await story.secret('ecr')
    for (let minute = 0; minute < 24 * 60; minute += 10) {
      story.clock.advance(600_000)
      await story.run(config)
      const end = Number((await story.secret('ecr'))?.metadata.labels?.['token_expiration_date'])
      assert.ok(end * 1000 - story.clock.now() >= 600_000)
    }
    assert.ok(story.calls.length <= 5, String(story.calls.length))
    assert.equal((await story.secret('ecr'))?.metadata.uid, made?.metadata.uid)
  })

  test(
    '[003-10] [003-20] (e) (g) (k) applies every change at once: region, key, type, password, and what somebody wrote',
    LIMIT,
    async (t) => {
      const story = await scene(t, true)
      await story.run(`credentials:\n${ecr('one')}`)
      const endpointOf = async (): Promise<readonly string[]> =>
        Object.keys(Object(contentOf(await story.secret('one'))['auths']))

      await story.run(`credentials:\n${ecr('one', 'us-east-1')}`)
      assert.deepEqual(await endpointOf(), [ENDPOINT.replace('ap-northeast-2', 'us-east-1')])
      const calls = story.calls.length
      await story.run(`credentials:\n${ecr('one', 'us-east-1', 'AKIAOTHEROTHEROTHER1')}`)
      assert.equal(story.calls.length, calls + 1)
      await story.run(`credentials:\n${docker('one')}`)
      assert.deepEqual(await endpointOf(), ['registry.example.com'])
      await story.run(`credentials:\n${docker('one', { password: 'new' })}`)
      assert.match(JSON.stringify(contentOf(await story.secret('one'))), /"new"/)
      await story.run(`credentials:\n${ecr('one')}`)
      assert.deepEqual(await endpointOf(), [ENDPOINT])

      await story.patch('one', { data: { '.dockerconfigjson': Buffer.from('{"auths":{}}').toString('base64') } })
      await story.run(`credentials:\n${ecr('one')}`)
      assert.deepEqual(await endpointOf(), [ENDPOINT])
      const before = story.calls.length
      await story.run(`credentials:\n${ecr('one')}`)
      assert.equal(story.calls.length, before)
    },
  )

  test('[003-20] (k) makes a Secret of another type anew', LIMIT, async (t) => {
    const story = await scene(t)
    const labels = { created_by: 'imagepullsecrets-manager', repo_type: 'DOCKER', token_expiration_date: 'None' }
    await story.create({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'Opaque',
      metadata: { name: 'hub', namespace: 'apps', labels },
      stringData: { a: 'b' },
    })
    const result = await story.run(`credentials:\n${docker()}`)
    assert.equal(result.patched, 1)
    assert.equal((await story.secret('hub'))?.['type'], 'kubernetes.io/dockerconfigjson')
  })

  test('[003-20] (h) (i) one bad entry leaves the others alone, and the run has failed', LIMIT, async (t) => {
    const story = await scene(t)
    await story.run(`credentials:\n${docker('old')}`)
    story.failFor = 'eu-north-1'
    const result = await story.run(
      `credentials:\n${ecr('bad', 'eu-north-1')}${docker('lost', { namespace: 'nowhere' })}${docker()}`,
    )
    assert.equal(result.created, 1)
    assert.equal(result.deleted, 1)
    assert.equal(result.failures.length, 2)
    assert.match(result.failures.join('\n'), /apps\/bad: UnrecognizedClientException/)
    assert.match(result.failures.join('\n'), /nowhere\/lost: \(404\)namespaces "nowhere" not found/)
  })

  test(
    '[003-17] [003-20] (b) (c) names fields and types and no value; values may stand elsewhere',
    LIMIT,
    async (t) => {
      const story = await scene(t)
      const entries = [
        '{name: a, kubernetes_namespace: apps, type: ECR, credential: {aws_access_key_id: SECRET1, aws_secret_access_key: SECRET2}}',
        '{name: b, kubernetes_namespace: apps, type: QUAY, credential: {docker_password: SECRET3}}',
        '{name: c, type: DOCKER, credential: {docker_password: SECRET4}}',
        '{name: SECRET5!, kubernetes_namespace: apps, type: DOCKER, credential: {docker_password: SECRET6}}',
        '{name: d, kubernetes_namespace: apps, type: DOCKER, credential: {docker_registry: r.io, docker_user: ann, docker_email: e, docker_password: [SECRET7]}}',
        '{name: ok, kubernetes_namespace: apps, type: DOCKER, credential: {docker_registry: r.io, docker_user: ann, docker_email: e, docker_password: {secretKeyRef: {name: x, key: password}}}}',
      ]
      const result = await story.run(`credentials:\n${entries.map((entry) => `  - ${entry}\n`).join('')}`)
      const told = [...story.lines, ...result.failures].join('\n')
      assert.doesNotMatch(told, /SECRET[1-46]|SECRET7/)
      for (const words of [
        /a: Data invalid format: credential: aws_ecr_repository_region missing/,
        /b: Unknown type: QUAY/,
        /c: Data invalid format: kubernetes_namespace missing/,
        /d: Data invalid format: credential: docker_password is neither a text nor a reference/,
      ]) {
        assert.match(told, words)
      }
      assert.equal(result.created, 1)
      assert.match(JSON.stringify(contentOf(await story.secret('ok'))), /from-a-secret/)
      assert.doesNotMatch(told, /ok: .*clear text/)
    },
  )

  test('[003-20] (m) writes passwords of any letters', LIMIT, async (t) => {
    const story = await scene(t)
    await story.run(`credentials:\n${docker('hub', { password: '"密码-pässwörd"' })}`)
    const { auths } = contentOf(await story.secret('hub')) as unknown as { auths: Record<string, { auth: string }> }
    assert.equal(Buffer.from(auths['registry.example.com']?.auth ?? '', 'base64').toString(), 'ann:密码-pässwörd')
  })

  test('[003-20] (f) takes over Secrets of the original, whose labels say their end in seconds', LIMIT, async (t) => {
    const story = await scene(t)
    const end = (story.clock.now() + 7 * HOUR) / 1000
    const labels = { created_by: 'imagepullsecrets-manager', repo_type: 'ECR', token_expiration_date: `${end}.0` }
    await story.create({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/dockerconfigjson',
      metadata: { name: 'ecr', namespace: 'apps', labels },
      stringData: { '.dockerconfigjson': '{"auths":{}}' },
    })

    await story.run(`credentials:\n${ecr()}`)
    assert.equal(story.calls.length, 0)
    story.clock.advance(2 * HOUR)
    await story.run(`credentials:\n${ecr()}`)
    assert.equal(story.calls.length, 1)
  })

  test('[003-20] (l) serves several namespaces and, where asked, ServiceAccounts', LIMIT, async (t) => {
    const story = await scene(t)
    await story.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'more' } })
    for (const namespace of ['apps', 'more']) {
      await story.create({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'default', namespace },
        imagePullSecrets: [{ name: 'own' }],
      })
    }
    const config = `credentials:\n${docker().replace('kubernetes_namespace: apps', 'kubernetes_namespaces: [apps, more], service_accounts: default')}`
    await story.run(config)
    await story.run(config)
    for (const namespace of ['apps', 'more']) {
      assert.ok(await story.secret('hub', namespace))
      const type = await story.client.resourceOf({ group: '', kind: 'ServiceAccount' })
      assert.ok(type)
      const account = await story.client.get({ type, namespace, name: 'default' })
      assert.deepEqual((account as unknown as JsonObject)['imagePullSecrets'], [{ name: 'own' }, { name: 'hub' }])
    }
  })
})
