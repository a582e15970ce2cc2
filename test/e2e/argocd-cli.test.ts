// The real `argocd` command against `capstan up`: every family of commands over TLS, and the ways to reach the server.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { argocd, argocdLoggedIn, startNginx, type Argocd } from '../support/argocd.ts'
import { ADMIN_PASSWORD } from '../support/control-plane.ts'
import { createRepository, temporaryFolder, type TestRepository } from '../support/git.ts'
import { startCapstan } from '../support/processes.ts'

const TIMEOUT_MS = 280_000
const READY = /Capstan is ready at http:\/\/(?<host>\S+)/
const IN_CLUSTER = 'https://kubernetes.default.svc'

interface Scene {
  readonly host: string
  readonly repository: TestRepository
}

function deployment(replicas: number): string {
  const annotations = { 'capstan.dev/logs': 'one\ntwo', 'capstan.dev/log-interval': '200ms' }
  const template = {
    metadata: { labels: { app: 'web' }, annotations },
    spec: { containers: [{ name: 'c', image: 'registry.example/web:1' }] },
  }
  const spec = { replicas, selector: { matchLabels: { app: 'web' } }, template }
  return JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec })
}

function configMap(color: string): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'colors' }, data: { color } })
}

/** `settings` are flags of the server, or variables that say the same. */
async function scene(t: TestContext, ...settings: readonly string[]): Promise<Scene> {
  const more = settings.filter((setting) => setting.startsWith('--'))
  const env = Object.fromEntries(settings.filter((one) => !one.startsWith('--')).map((one) => one.split('=', 2)))
  const folder = temporaryFolder(t)
  const repository = createRepository(join(folder, 'repository'))
  repository.commit({
    'web/deployment.yaml': deployment(2),
    'web/colors.yaml': configMap('red'),
    'custom/kustomization.yaml': 'resources: [colors.yaml]\n',
    'custom/colors.yaml': configMap('green'),
  })
  const flags = ['up', '--data-dir', join(folder, 'data'), '--port', '0', ...more]
  const up = await startCapstan(t, flags, READY, { env: { CAPSTAN_ADMIN_PASSWORD: ADMIN_PASSWORD, ...env } })
  return { host: up.found.groups?.['host'] ?? '', repository }
}

async function createWeb(command: Argocd, { url }: TestRepository): Promise<void> {
  const place = `--path web --dest-server ${IN_CLUSTER} --dest-namespace default`
  assert.match(await command.ok(`app create web --repo ${url} ${place}`), /application 'web' created/)
}

/** Asks until the answer is as wanted. */
async function untilPrinted(ask: () => Promise<string>, wanted: RegExp): Promise<void> {
  const endMs = Date.now() + 60_000
  for (let text = await ask(); !wanted.test(text); text = await ask()) {
    if (Date.now() > endMs) assert.match(text, wanted)
  }
}

describe('the argocd command', { timeout: TIMEOUT_MS }, () => {
  test('delivers an application and looks after it', async (t) => {
    const { host, repository } = await scene(t)
    const command = await argocdLoggedIn(t, host, '--insecure')

    await t.test('says who it talks to and as whom', async () => {
      assert.match(await command.ok('version'), /argocd-server: v\d+\.\d+\.\d+/)
      assert.match(await command.ok('account get-user-info'), /Username: admin/)
      assert.equal((await command.ok('account can-i sync applications default/web')).trim(), 'yes')
      assert.match(await command.ok('account list'), /^admin +true +login/m)
    })

    await t.test('creates, lists, compares and syncs', async () => {
      await createWeb(command, repository)
      assert.match(await command.ok('app list'), /^argocd\/web +https:\/\/kubernetes\.default\.svc +default +default/m)
      assert.match(await command.ok('app list -o name'), /^argocd\/web$/m)
      const { code, stdout } = await command.run(['app', 'diff', 'web'])
      assert.equal(code, 1)
      assert.match(stdout, /apps\/Deployment default\/web/)
      assert.match(await command.ok('app sync web'), /Phase: +Succeeded/)
      assert.match(await command.ok('app wait web --timeout 60'), /Health Status: +Healthy/)
      assert.equal(await command.ok('app diff web'), '')
      assert.match(await command.ok('app get web -o tree'), /Deployment\/web/)
      assert.match(await command.ok('app resources web'), /apps +Deployment +default +web +No/)
      assert.match(await command.ok('app manifests web'), /color: red/)
    })

    await t.test('follows logs', async () => {
      await command.start('app logs web --follow --tail 5', /two/)
      assert.match(await command.ok('app logs web --filter two'), /^two$/m)
      assert.equal(await command.ok('app logs web --name nothing'), '')
    })

    await t.test('rolls back and forth', async () => {
      repository.commit({ 'web/colors.yaml': configMap('blue') })
      assert.match(await command.ok('app get web --refresh'), /OutOfSync/)
      await command.ok('app sync web')
      assert.match(await command.ok('app history web'), /^1 +\d{4}-/m)
      assert.match(await command.ok('app rollback web 0'), /Phase: +Succeeded/)
      assert.match(await command.ok('app get-resource web --kind ConfigMap -o json'), /"color": ?"red"/)
      await command.ok('app sync web')
    })

    await t.test('changes its specification', async () => {
      await command.ok('app set web --sync-policy automated --auto-prune --self-heal')
      assert.match(await command.ok('app get web'), /Sync Policy: +Automated \(Prune\)/)
      assert.match(await command.fails('app rollback web 0'), /rollback cannot be initiated when auto-sync is enabled/)
      await command.ok('app set web --sync-policy none')
      await command.ok('app patch web --type merge --patch', '{"spec":{"revisionHistoryLimit":5}}')
      assert.match(await command.ok('app get web -o json'), /"revisionHistoryLimit": 5/)
      await command.ok(`app create custom --repo ${repository.url} --path custom --dest-namespace default --dest-server ${IN_CLUSTER}`) // prettier-ignore
      await command.ok('app set custom --nameprefix my-')
      assert.match(await command.ok('app manifests custom'), /name: my-colors/)
      await command.ok('app unset custom --nameprefix')
      assert.match(await command.ok('app manifests custom'), /name: colors/)
      await command.ok('app delete custom --yes --wait')
    })

    await t.test('acts on resources', async () => {
      assert.match(await command.ok('app actions list web --kind Deployment'), /restart +false/)
      await command.ok('app actions run web restart --kind Deployment')
      const merge = '--patch-type application/merge-patch+json'
      await command.ok(`app patch-resource web --kind ConfigMap --resource-name colors ${merge} --patch`, '{"data":{"color":"x"}}') // prettier-ignore
      assert.equal((await command.run(['app', 'diff', 'web', '--refresh'])).code, 1)
      await command.ok('app delete-resource web --kind ConfigMap --resource-name colors')
      assert.match(await command.fails('app terminate-op web'), /No operation is in progress/)
      await command.ok('app sync web --force --prune --retry-limit 1')
    })

    await t.test('tries local files', async () => {
      const local = createRepository(join(temporaryFolder(t), 'local'))
      local.commit({ 'web/deployment.yaml': deployment(3), 'web/colors.yaml': configMap('blue') })
      const generate = ['app', 'diff', 'web', '--local', local.folder, '--server-side-generate']
      const generated = await command.run(generate)
      assert.match(generated.stdout, /replicas: 3/)
      assert.equal(generated.code, 1)
      const byServer = await command.run([...generate, '--server-side-diff'])
      assert.match(byServer.stdout, /replicas: 3/)
      assert.doesNotMatch(byServer.stdout, /color/)
    })

    await t.test('deletes', async () => {
      await command.ok('app delete web --yes --wait')
      assert.equal((await command.ok('app list -o name')).trim(), '')
      assert.match(await command.fails('app get web'), /not found|permission denied/)
    })
  })

  test('keeps projects, repositories, credentials and accounts', async (t) => {
    const { host, repository } = await scene(t)
    const command = await argocdLoggedIn(t, host, '--insecure')

    await t.test('projects', async () => {
      await command.ok(`proj create team -d ${IN_CLUSTER},default -s ${repository.url} --description Team`)
      assert.match(await command.ok('proj list'), /^team +Team/m)
      await command.ok(`proj add-destination team ${IN_CLUSTER} other`)
      await command.ok('proj allow-cluster-resource team * Namespace')
      await command.ok('proj role create team ci')
      await command.ok('proj role add-policy team ci --action get --permission allow --object *')
      assert.match(await command.ok('proj role get team ci'), /p, proj:team:ci, applications, get, team\/\*, allow/)
      await command.ok('proj windows add team --kind deny --duration 1h --applications * --schedule', '0 0 1 1 *')
      assert.match(await command.ok('proj windows list team'), /deny +0 0 1 1 \*/)
      const token = (await command.ok('proj role create-token team ci --token-only')).trim()
      assert.match(await command.ok(`proj list --auth-token ${token}`), /^team /m)
      assert.doesNotMatch(await command.ok(`proj list --auth-token ${token}`), /^default /m)
      assert.match(await command.fails(`proj create other --auth-token ${token}`), /permission denied/)
      await command.ok('proj delete team')
      assert.match(await command.fails(`proj list --auth-token ${token}`), /invalid session/)
      assert.doesNotMatch(await command.ok('proj list'), /^team/m)
    })

    await t.test('repositories and credentials', async () => {
      assert.match(await command.ok(`repo add ${repository.url}`), /added/)
      assert.match(await command.ok('repo list'), /Successful/)
      assert.match(await command.ok(`repo get ${repository.url}`), /git/)
      assert.match(await command.fails('repo add file:///nowhere/at/all'), /error testing repository connectivity/)
      await command.ok(`repo rm ${repository.url}`)
      await command.ok('repocreds add https://git.example/ --username ada --password lovelace-1815')
      const listed = await command.ok('repocreds list -o json')
      assert.match(listed, /https:\/\/git\.example\//)
      assert.doesNotMatch(listed, /lovelace/)
      await command.ok('repocreds rm https://git.example/')
    })

    await t.test('clusters, certificates and keys', async () => {
      assert.match(await command.ok('cluster list'), /in-cluster/)
      assert.match(await command.ok('cluster get in-cluster'), /kubernetes\.default\.svc/)
      const hosts = join(temporaryFolder(t), 'known_hosts')
      const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'
      writeFileSync(hosts, `git.example ssh-ed25519 ${key}\n`)
      await command.ok('cert add-ssh --batch --from', hosts)
      assert.match(await command.ok('cert list'), /^git\.example +ssh +ssh-ed25519 +SHA256:/m)
      await command.ok('cert rm git.example --cert-type ssh')
      assert.match(await command.ok('gpg list'), /KEYID +TYPE/)
    })

    await t.test('passwords and sessions', async () => {
      const other = 'another horse'
      await command.ok('account update-password --current-password', ADMIN_PASSWORD, '--new-password', other)
      assert.match(await command.ok('account get-user-info'), /Username: admin/)
      await command.ok('relogin --password', other)
      assert.match(await argocd(t).fails(`login ${host} --insecure --username admin --password wrong`), /Invalid username or password/) // prettier-ignore
      await command.ok(`logout ${host}`)
      assert.match(await command.ok('account get-user-info'), /Logged In: false/)
    })
  })

  test('adds a cluster and spreads applications over it', async (t) => {
    const { host, repository } = await scene(t)
    const command = await argocdLoggedIn(t, host, '--insecure')
    const folder = temporaryFolder(t)
    const kubeconfig = join(folder, 'kubeconfig')
    const flags = ['--data-dir', join(folder, 'data'), '--port', '0', '--kubeconfig', kubeconfig]
    await startCapstan(t, ['local-cluster', ...flags], /^ready /m)
    const added = await command.ok(`cluster add capstan --kubeconfig ${kubeconfig} --yes --name second --upsert`)
    assert.match(added, /Cluster 'https:\/\/127\.0\.0\.1:\d+' added/)
    assert.match(await command.ok('cluster list'), /second/)
    assert.doesNotMatch(await command.ok('cluster get second'), /PRIVATE KEY|keyData: [A-Za-z0-9]/)

    const file = join(folder, 'set.json')
    const template = {
      metadata: { name: '{{.name}}' },
      spec: {
        project: 'default',
        source: { repoURL: repository.url, path: 'custom' },
        // Each in a namespace of its own: the same object of two applications is fought over.
        destination: { name: 'second', namespace: '{{.name}}' },
        syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'] },
      },
    }
    const generators = [{ list: { elements: [{ name: 'one' }, { name: 'two' }] } }]
    const spec = { goTemplate: true, generators, template }
    const kind = { apiVersion: 'argoproj.io/v1alpha1', kind: 'ApplicationSet' }
    writeFileSync(file, JSON.stringify({ ...kind, metadata: { name: 'both' }, spec }))
    assert.match(await command.ok('appset generate', file), /argocd\/two/)
    await command.ok('appset create', file)
    assert.match(await command.ok('appset list'), /^argocd\/both +default/m)
    await untilPrinted(() => command.ok('app list -o name'), /argocd\/one[^]*argocd\/two/)
    await command.ok('app wait one two --timeout 60')
    await command.ok('appset delete both --yes')
  })

  test('reaches a server that speaks plain gRPC alone', async (t) => {
    const { host, repository } = await scene(t, '--insecure')
    const command = await argocdLoggedIn(t, host, '--plaintext')
    await createWeb(command, repository)
    assert.match(await command.ok('app sync web --timeout 60'), /Phase: +Succeeded/)
    assert.match(await command.ok('app list --grpc-web'), /argocd\/web/)
  })

  test('reaches a server behind nginx, which speaks HTTP/1.1 alone, below a path', async (t) => {
    const { host, repository } = await scene(t, 'ARGOCD_SERVER_INSECURE=true', 'ARGOCD_SERVER_ROOTPATH=/argo')
    const proxy = await startNginx(t, host)
    const flags = ['--plaintext', '--grpc-web', '--grpc-web-root-path', '/argo', '--skip-test-tls']
    const command = await argocdLoggedIn(t, proxy, ...flags)
    assert.match(await command.ok('version'), /argocd-server: v/)
    await createWeb(command, repository)
    assert.match(await command.ok('app sync web --timeout 60'), /Phase: +Succeeded/)
    await command.start('app logs web --follow', /two/)
    assert.match(await command.ok('app wait web --timeout 60'), /Healthy/)
    assert.match(await command.fails('app get nothing'), /not found|permission denied/)
    assert.match(await command.ok('app delete web --yes --wait'), /deleted/)
  })
})
