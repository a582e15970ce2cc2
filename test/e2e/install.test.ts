// Stories of `capstan install` on both clusters: what is installed is run with exactly the rights it was given.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { parseYamlDocuments } from '../../src/lang/yaml/read.ts'
import { argocd, type Argocd } from '../support/argocd.ts'
import { createRepository, temporaryFolder, type TestRepository } from '../support/git.ts'
import { kubectlFor, type Kubectl } from '../support/kubectl.ts'
import { configMap } from '../support/manifests.ts'
import { startPodCommand } from '../support/pod-command.ts'
import { capstan, run, type Finished, type Served } from '../support/processes.ts'
import { peer } from '../support/real-cluster.ts'
import { REDIS_PASSWORD, redisMissing, startRedis } from '../support/redis.ts'
import { startEmbedded, startReal } from '../support/two-clusters.ts'

const IMAGE = 'registry.example.com/capstan:test'
const CHART = join(import.meta.dirname, '../../deploy/chart')
const TIMEOUT_MS = 280_000
const UP = /Capstan is ready at http:\/\/(?<host>\S+)/
const SERVER = /^ready at http:\/\/(?<host>\S+)/m

const deployment = JSON.stringify({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } },
  },
})

interface Scene {
  readonly kubeconfig: string
  readonly kubectl: Kubectl
  readonly repository: TestRepository
  readonly install: (...flags: readonly string[]) => Promise<Finished>
  readonly uninstall: (...flags: readonly string[]) => Promise<Finished>
  /** What kubectl prints; the command has to end well. */
  readonly ok: (words: string, input?: string) => Promise<string>
}

async function openScene(t: TestContext, start: (t: TestContext) => Promise<string>): Promise<Scene> {
  const kubeconfig = await start(t)
  const kubectl = kubectlFor(t, kubeconfig, '')
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  repository.commit({ 'web/config.json': configMap('web', 'a'), 'web/deployment.json': deployment })
  return {
    kubeconfig,
    kubectl,
    repository,
    install: (...flags) => capstan(['install', '--kubeconfig', kubeconfig, ...flags], { timeoutMs: 200_000 }),
    uninstall: (...flags) => capstan(['uninstall', '--kubeconfig', kubeconfig, ...flags], { timeoutMs: 200_000 }),
    async ok(words, input) {
      const { code, stdout, stderr } = await kubectl.run(words, input)
      assert.equal(code, 0, `kubectl ${words}: ${stderr}`)
      return stdout
    },
  }
}

function assertEnded({ code, stdout, stderr }: Finished): string {
  assert.equal(code, 0, `${stdout}${stderr}`)
  return stdout
}

/** The real command, logged in with the password that the first start has made. */
async function logIn(t: TestContext, { ok }: Scene, served: Served, ...flags: readonly string[]): Promise<Argocd> {
  const encoded = await ok('get secret argocd-initial-admin-secret -n argocd -o jsonpath={.data.password}')
  const password = Buffer.from(encoded, 'base64').toString('utf8')
  const command = argocd(t)
  await command.ok(`login ${served.found.groups?.['host'] ?? ''} --username admin --password`, password, ...flags)
  return command
}

async function deliver(command: Argocd, { repository }: Scene, name: string): Promise<void> {
  const where = `--path web --revision main --dest-server https://kubernetes.default.svc --dest-namespace ${name}`
  await command.ok(`app create ${name} --repo ${repository.url} ${where} --sync-option CreateNamespace=true`)
  await command.ok(`app sync ${name}`)
  await command.ok(`app wait ${name} --health --sync --timeout 120`)
}

async function installTogether(t: TestContext, scene: Scene): Promise<void> {
  const { install, ok } = scene
  const installed = assertEnded(await install('--image', IMAGE))
  assert.match(installed, /^Installing in namespace argocd of context /)
  assert.match(installed, /^customresourcedefinition\/applications\.argoproj\.io created$/m)
  assert.match(installed, /^deployment\/argocd-server: 1 of 1 ready\nCapstan is ready/m)
  const service = await ok(
    'get service argocd-server -n argocd -o jsonpath={.metadata.labels}|{.spec.selector}|{.spec.ports[*].port}',
  )
  const labels = '"app.kubernetes.io/name":"argocd-server"'
  assert.match(service, new RegExp(`${labels}.*\\|\\{${labels}\\}\\|80 443`))

  const served = await startPodCommand(t, { ...scene, namespace: 'argocd', deployment: 'argocd-server', ready: UP })
  const command = await logIn(t, scene, served, '--insecure')
  await deliver(command, scene, 'one')
  assert.match(await ok('get deployment web -n one'), /1\/1/)

  // Settings that people have made stay; nothing else is there to be done.
  await ok('patch configmap argocd-cm -n argocd --type merge -p {"data":{"help.chatText":"ours"}}')
  const again = assertEnded(await install())
  assert.match(again, /^Upgrading /)
  assert.doesNotMatch(again, /(?:created|configured|deleted)$/m)
  assert.equal(await ok('get configmap argocd-cm -n argocd -o jsonpath={.data}'), '{"help.chatText":"ours"}')
  await served.end()
}

async function installApart(t: TestContext, scene: Scene): Promise<void> {
  const { install, ok } = scene
  const redis = await startRedis(t)
  await ok(`create secret generic argocd-redis -n argocd --from-literal=auth=${REDIS_PASSWORD}`)
  const flags = ['--ha', '--redis', redis.address, '--network-policies', '--ingress-host', 'gitops.example.com']
  const upgraded = assertEnded(await install(...flags, '--ingress-class', 'traefik'))
  assert.match(upgraded, /^deployment\/argocd-server deleted$/m)
  assert.match(upgraded, /^deployment\/argocd-application-controller: 2 of 2 ready$/m)
  assert.match(
    await ok('get deployment,ingress,poddisruptionbudget,networkpolicy -n argocd -o name'),
    /ingress.*budget/s,
  )
  assert.equal(
    await ok('get configmap argocd-cmd-params-cm -n argocd -o jsonpath={.data}'),
    '{"server.insecure":"true"}',
  )

  const rule =
    '{.spec.ingressClassName} {.spec.rules[0].host} {.spec.rules[0].http.paths[0].backend.service} {.spec.tls}'
  assert.equal(
    await ok(`get ingress argocd-server -n argocd -o 'jsonpath=${rule}'`),
    'traefik gitops.example.com {"name":"argocd-server","port":{"number":80}} ',
  )

  const place = { ...scene, namespace: 'argocd' }
  const controller = await startPodCommand(t, {
    ...place,
    deployment: 'argocd-application-controller',
    ready: /^ready$/m,
  })
  const server = await startPodCommand(t, { ...place, deployment: 'argocd-server', ready: SERVER })
  const command = await logIn(t, scene, server, '--plaintext')
  await deliver(command, scene, 'two')
  // What people do through the server, with the server's rights.
  assert.match(await command.ok('app resources two'), /Deployment/)
  await command.ok('app actions run two restart --kind Deployment --resource-name web')
  await command.ok('app patch-resource two --kind ConfigMap --resource-name web --patch-type application/merge-patch+json --patch', '{"data":{"key":"b"}}') // prettier-ignore
  await command.ok('app delete-resource two --kind ConfigMap --resource-name web')
  await command.ok('app sync two')
  await command.ok('app wait two --health --sync --timeout 120')
  await command.ok('proj create of-the-story')
  await command.ok('repo list')
  assert.match(await command.ok('cluster list'), /kubernetes\.default\.svc.*Successful/)

  // Rights that are missing are told by name.
  await ok('delete clusterrolebinding capstan-argocd-server')
  const refused = await command.fails('app delete-resource two --kind ConfigMap --resource-name web')
  assert.match(refused, /system:serviceaccount:argocd:argocd-server.*cannot (?:get|delete) resource/)
  assert.match(assertEnded(await install()), /^clusterrolebinding\/capstan-argocd-server created$/m)
  await command.ok('app delete-resource two --kind ConfigMap --resource-name web')
  await Promise.all([server.end(), controller.end()])
}

async function remove(scene: Scene): Promise<void> {
  const { uninstall, ok } = scene
  await ok('patch application one -n argocd --type merge -p {"metadata":{"finalizers":["resources-finalizer.argocd.argoproj.io"]}}') // prettier-ignore
  const unasked = await uninstall()
  assert.equal(unasked.code, 20)
  assert.match(unasked.stderr, /2 Applications are kept; what they delivered stays\. Without a terminal, --yes says so/)

  assert.match(assertEnded(await uninstall('--yes')), /^Kept: Applications, projects, settings/m)
  assert.equal(
    await ok('get deployment,service,ingress,networkpolicy,serviceaccount -n argocd -o name'),
    'serviceaccount/default\n',
  )
  assert.doesNotMatch(await ok('get clusterrole,clusterrolebinding -o name'), /capstan-argocd/)
  assert.match(await ok('get applications,configmaps -n argocd -o name'), /application.*\/one\n.*\/two\n.*argocd-cm/s)

  // Installed anew it goes on; removed with all, what was delivered is still there.
  assertEnded(await scene.install('--image', IMAGE))
  const gone = assertEnded(await uninstall('--yes', '--delete-crds', '--delete-namespace'))
  assert.match(gone, /^customresourcedefinition\/applications\.argoproj\.io deleted, what was delivered stays$/m)
  await ok('wait --for=delete namespace/argocd --timeout=60s')
  assert.match(await ok('get deployment,configmap -n one -o name'), /deployment\.apps\/web\n.*configmap\/web\n/s)
  assert.match((await uninstall('--yes')).stderr, /nothing was installed in namespace argocd with "capstan install"/)
}

const clusters: readonly (readonly [string, (t: TestContext) => Promise<string>])[] = [
  ['the embedded cluster', startEmbedded],
  ['a real kube-apiserver', startReal],
]
for (const [name, start] of clusters) {
  const skip = redisMissing() ?? false
  test(
    `[004-27] [004-29] [004-30] [004-33] an installation works with the rights it gives itself, is upgraded and removed: ${name}`,
    { skip, timeout: TIMEOUT_MS },
    async (t) => {
      const scene = await openScene(t, start)

      await installTogether(t, scene)
      await installApart(t, scene)
      await remove(scene)
    },
  )
}

test(
  'who may deliver to one namespace delivers there, and is refused elsewhere by name',
  { timeout: TIMEOUT_MS },
  async (t) => {
    const scene = await openScene(t, startEmbedded)
    await scene.ok('create namespace one')
    assertEnded(await scene.install('--image', IMAGE, '--destination-namespaces', 'one', '--no-wait'))
    assert.doesNotMatch(await scene.ok('get clusterrole -o name'), /capstan/)

    const served = await startPodCommand(t, { ...scene, namespace: 'argocd', deployment: 'argocd-server', ready: UP })
    const command = await logIn(t, scene, served, '--insecure')
    await deliver(command, scene, 'one')
    const where = '--path web --revision main --dest-server https://kubernetes.default.svc --dest-namespace default'
    await command.ok(`app create two --repo ${scene.repository.url} ${where}`)
    const refused = await command.run(['app', 'sync', 'two'])

    assert.notEqual(refused.code, 0)
    assert.match(
      refused.stdout,
      /argocd-server\\?" cannot \w+ resource \\?"configmaps\\?".* in the namespace \\?"default/,
    )
  },
)

function valuesOf(text: string): readonly unknown[] {
  return parseYamlDocuments(text).map(({ value }) => value)
}

describe('the manifests', () => {
  const settings: readonly (readonly [says: string, flags: readonly string[], sets: readonly string[]])[] = [
    ['one process', [], []],
    ['in high availability', ['--ha'], ['roles=apart', 'server.replicas=2', 'controller.replicas=2']],
    [
      'behind an ingress',
      [
        '--ingress-host',
        'a.example.com',
        '--ingress-class',
        'nginx',
        '--ingress-tls-secret',
        'tls',
        '--network-policies',
      ],
      [
        'ingress.enabled=true',
        'ingress.host=a.example.com',
        'ingress.className=nginx',
        'ingress.tls.enabled=true',
        'ingress.tls.secretName=tls',
        'networkPolicies=true',
      ],
    ],
    [
      'for some namespaces',
      [
        '--roles',
        'apart',
        '--destination-namespaces',
        'a,b',
        '--application-namespaces',
        'team-*',
        '--rootpath',
        '/argo',
        '--service-type',
        'NodePort',
        '--redis',
        'redis:6379',
        '--insecure',
        '--url',
        'https://a',
      ],
      [
        'roles=apart',
        'destinationNamespaces={a,b}',
        'applicationNamespaces={team-*}',
        'server.rootPath=/argo',
        'service.type=NodePort',
        'redis.address=redis:6379',
        'server.insecure=true',
        'url=https://a',
      ],
    ],
  ]
  for (const [says, flags, sets] of settings) {
    test(`are byte for byte those of helm: ${says}`, { skip: existsSync(CHART) ? false : 'no chart' }, async () => {
      const values = ['image=x/y:1', 'namespace.create=true', ...sets].flatMap((set) => ['--set', set])
      const words = ['capstan', CHART, '-n', 'argocd', '--include-crds', ...values]

      const [ours, rendered, helm, helm3] = await Promise.all([
        capstan(['install', '--image', 'x/y:1', '-o', 'yaml', ...flags]),
        capstan(['render', CHART, '--name', 'capstan', '-n', 'argocd', '--include-crds', ...values]),
        run(peer('helm'), ['template', ...words]),
        run(peer('helm3'), ['template', ...words]),
      ])

      assert.ok(helm.stdout === ours.stdout, 'helm prints something else')
      // Helm 3 leaves out other empty lines.
      assert.deepEqual(valuesOf(helm3.stdout), valuesOf(ours.stdout))
      assert.equal(ours.stderr + rendered.stderr, '')
      assert.ok(rendered.stdout === ours.stdout && ours.stdout.includes('kind: Deployment'))
    })
  }
})
