// Encrypted files in Git become Secrets of the cluster, and their values are seen nowhere else.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import type { Application } from '../../src/crds/application.ts'
import type { KubeClient } from '../../src/kube/client/client.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { startUp } from '../support/capstan-up.ts'
import { isSynced, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { readEverything, searchFiles, searchStore, holdsAny, tokenOf } from '../support/search-secrets.ts'
import { sopsYaml } from '../support/sops-file.ts'

const CANARY = 'canary-hunter2-plain-text'
const CANARIES = [CANARY, 'canary-in-a-config', 'canary-of-a-chart', 'canary-of-a-kustomization']

function secretOf(name: string, fields: object): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, ...fields }
}

async function addKeys(client: KubeClient, name: string, identity: string, project?: string): Promise<void> {
  const type = await client.resourceOf({ group: '', kind: 'Secret' })
  assert.ok(type)
  const labels = { 'argocd.argoproj.io/secret-type': 'decryption' }
  const stringData = {
    'keys.agekey': `# created by a test\n${identity}\n`,
    ...(project === undefined ? {} : { project }),
  }
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'argocd', labels }, stringData }
  await client.create(type, secret as unknown as KubeObject, {}) // a KubeObject by its fields
}

function applicationOf(repoURL: string, path: string, project = 'default'): object {
  return {
    metadata: { name: 'shop' },
    spec: {
      project,
      source: { repoURL, path, targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' },
      syncPolicy: { automated: {}, retry: { limit: 0 }, syncOptions: ['CreateNamespace=true'] },
    },
  }
}

async function create({ api }: StoryPlane, application: object): Promise<void> {
  await api.call('application.ApplicationService/Create', { application, validate: false })
}

function dataOf(object: KubeObject | undefined): Readonly<Record<string, string>> {
  const { data } = (object ?? {}) as { readonly data?: Readonly<Record<string, string>> } // of Secrets and ConfigMaps
  return data ?? {}
}

function decoded(object: KubeObject | undefined, key: string): string {
  return Buffer.from(dataOf(object)[key] ?? '', 'base64').toString('utf8')
}

test(
  '[002-14] an encrypted Secret is delivered with a key from a Secret; the clear text is found nowhere else',
  { timeout: 240_000 },
  async (t) => {
    const identity = await generateX25519Identity()
    const recipients = [await identityToRecipient(identity)]
    const folder = temporaryFolder(t)
    const repository = createRepository(join(folder, 'repository'))
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { url: CANARIES[1] } }
    repository.commit({
      'shop/db.yaml': await sopsYaml(secretOf('db', { stringData: { password: CANARY, user: 'admin' } }), {
        recipients,
      }),
      'shop/settings.yaml': await sopsYaml(config, { recipients }),
    })
    const dataDir = join(folder, 'data')
    const up = await startUp(t, dataDir, { flags: ['--log-level', 'debug'] })
    await addKeys(up.client, 'sops-keys', identity)
    const place =
      '--dest-server https://kubernetes.default.svc --dest-namespace shop --sync-option CreateNamespace=true'
    await up.line.ok(`app create shop --repo ${repository.url} --path shop --revision main ${place}`)
    await up.line.ok('app sync shop')
    const secret = await up.until('Secret', 'shop/db', () => true)
    const settings = await up.until('ConfigMap', 'shop/settings', () => true)

    assert.equal(decoded(secret, 'password'), CANARY)
    assert.equal(dataOf(settings)['url'], CANARIES[1])
    const shown = [await up.line.ok('app manifests shop'), await up.line.ok('app get shop -o json')]
    const answers = await readEverything(up.url, await tokenOf(up.url), {
      name: 'shop',
      applicationName: 'shop',
      kind: 'ConfigMap',
      version: 'v1',
      namespace: 'shop',
      resourceName: 'settings',
      'resourceRef.name': 'settings',
    })
    const live = answers.find(({ path }) => path.endsWith('/shop/resource'))
    assert.deepEqual([live?.status, live?.text.includes('++++++++')], [200, true], 'the live object is read, masked')
    assert.deepEqual(
      answers.filter(({ text }) => holdsAny(text, [...CANARIES, identity])).map(({ path }) => path),
      [],
    )
    assert.ok(answers.filter(({ status }) => status === 200).length >= 8, 'reads are answered')
    assert.equal(holdsAny([...shown, up.output()].join('\n'), [...CANARIES, identity]), false)
    await up.end('SIGTERM')
    assert.deepEqual(searchFiles(dataDir, [...CANARIES, identity]), [])
    assert.deepEqual(searchStore(join(dataDir, 'state.db'), CANARIES), [
      '/configmaps/shop/settings',
      '/secrets/shop/db',
    ])
    assert.deepEqual(searchStore(join(dataDir, 'state.db'), [identity]), ['/secrets/argocd/sops-keys'])
  },
)

test('[002-14] a chart with an encrypted values file and a kustomization with an encrypted env file are delivered', async (t) => {
  const identity = await generateX25519Identity()
  const recipients = [await identityToRecipient(identity)]
  const story = await startStoryPlane(t)
  await addKeys(story.client, 'sops-keys', identity)
  const repository = createRepository(join(temporaryFolder(t), 'repository'))
  const values = { db: { password: CANARIES[2] } }
  repository.commit({
    'chart/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
    'chart/values.yaml': 'db: {user: admin}\n',
    'chart/secrets.yaml': await sopsYaml(values, { recipients, encryptedRegex: 'password' }),
    'chart/templates/pull.yaml': `apiVersion: v1
kind: Secret
metadata:
  name: pull
  annotations:
    checksum: {{ .Values.db.password | sha256sum }}
type: kubernetes.io/dockerconfigjson
data:
  .dockerconfigjson: {{ printf "{\\"auths\\":{\\"r\\":{\\"auth\\":\\"%s\\"}}}" (printf "%s:%s" .Values.db.user .Values.db.password | b64enc) | b64enc }}
`,
    'kustomize/kustomization.yaml': 'secretGenerator:\n- name: env\n  files: [secret.yaml]\n',
    'kustomize/secret.yaml': await sopsYaml({ data: CANARIES[3] }, { recipients }),
  })
  const chart = applicationOf(repository.url, 'chart') as { spec: { source: object } }
  await create(story, {
    ...chart,
    spec: { ...chart.spec, source: { ...chart.spec.source, helm: { valueFiles: ['secrets.yaml'] } } },
  })
  await create(story, { ...applicationOf(repository.url, 'kustomize'), metadata: { name: 'env' } })

  await story.application('shop', isSynced)
  const { status } = await story.application('env', isSynced)

  const pull = await story.live('v1', 'Secret', 'shop/pull')
  const auth = JSON.parse(decoded(pull, '.dockerconfigjson')) as { auths: { r: { auth: string } } } // written above
  const env = await story.live('v1', 'Secret', `shop/${status?.resources?.[0]?.name}`)
  assert.equal(Buffer.from(auth.auths.r.auth, 'base64').toString(), `admin:${CANARIES[2]}`)
  assert.deepEqual(JSON.parse(decoded(env, 'secret.yaml')), { data: CANARIES[3] })
})

test('[002-14] the key of one project does not open the files of another; a key that comes later does', async (t) => {
  const identity = await generateX25519Identity()
  const recipients = [await identityToRecipient(identity)]
  const story = await startStoryPlane(t)
  await addKeys(story.client, 'other-keys', identity, 'other')
  const repository = createRepository(join(temporaryFolder(t), 'repository'))
  repository.commit({
    'shop/a.yaml': JSON.stringify(secretOf('a', { stringData: { a: 'x' } })),
    'shop/db.yaml': await sopsYaml(secretOf('db', { stringData: { password: CANARY } }), { recipients }),
  })
  const failed = story.application('shop', ({ status }) => (status?.conditions ?? []).length > 0)
  await create(story, applicationOf(repository.url, 'shop'))

  const { status } = await failed
  const [condition] = status?.conditions ?? []
  const before = await story.live('v1', 'Secret', 'shop/a')
  const synced = story.application('shop', isSynced)
  await addKeys(story.client, 'own-keys', identity, 'default')
  await synced

  assert.equal(condition?.type, 'ComparisonError')
  assert.match(
    condition?.message ?? '',
    /shop\/db\.yaml: cannot be decrypted: no key fits: encrypted to age age1.*held: none/,
  )
  assert.equal(before, undefined, 'nothing is synced in part')
  assert.equal(decoded(await story.live('v1', 'Secret', 'shop/db'), 'password'), CANARY)
})

test('[002-14] SealedSecrets and ExternalSecrets are delivered as they are', async (t) => {
  const story = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'repository'))
  const definition = (group: string, kind: string): string =>
    JSON.stringify({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${kind.toLowerCase()}s.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { kind, plural: `${kind.toLowerCase()}s`, singular: kind.toLowerCase() },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    })
  const sealed = {
    apiVersion: 'bitnami.com/v1',
    kind: 'SealedSecret',
    metadata: { name: 's' },
    spec: { encryptedData: { a: 'AgBy' } },
  }
  const external = {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'e' },
    spec: { data: [{ secretKey: 'a', remoteRef: { key: '<path>' } }] },
  }
  repository.commit({
    'shop/crds.yaml': `${definition('bitnami.com', 'SealedSecret')}\n---\n${definition('external-secrets.io', 'ExternalSecret')}`,
    'shop/s.yaml': JSON.stringify(sealed),
    'shop/e.yaml': JSON.stringify(external),
  })
  const done = story.application('shop', ({ status }: Application) => status?.sync?.status === 'Synced')
  await create(story, applicationOf(repository.url, 'shop'))
  await done

  const live = await story.live('bitnami.com/v1', 'SealedSecret', 'shop/s')
  const liveExternal = await story.live('external-secrets.io/v1', 'ExternalSecret', 'shop/e')
  assert.deepEqual((live as unknown as typeof sealed).spec, sealed.spec)
  assert.deepEqual((liveExternal as unknown as typeof external).spec, external.spec)
})
