// Tests of the chart as `capstan install` renders it: what every shape of an installation keeps to.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { silentLog } from '../base/log.ts'
import { Metrics } from '../base/metrics.ts'
import type { InstallFlags } from '../cli/install.ts'
import { applicationCrd, applicationSetCrd, appProjectCrd } from '../crds/crd.ts'
import type { PlainObject } from '../install/place.ts'
import { fieldAt, listAt, textAt } from '../kube/field.ts'
import { parseYaml } from '../lang/yaml/read.ts'
import { startFront } from '../server/front.ts'
import { startMetricsPort } from '../server/metrics-port.ts'
import { pageFiles } from '../server/page.ts'
import { installObjects, installValues } from './install-chart.ts'

const FLAGS: InstallFlags = { namespace: 'argocd', image: 'x/y:1', timeout: 300 }
const CRDS = join(import.meta.dirname, '../../deploy/chart/crds')

async function objectsOf(flags: Partial<InstallFlags>): Promise<readonly PlainObject[]> {
  const all = { ...FLAGS, ...flags }
  const values = await installValues(all, {})
  return installObjects({ namespace: all.namespace, values, includeCrds: true })
}

const SHAPES: readonly (readonly [says: string, flags: Partial<InstallFlags>])[] = [
  ['one process', {}],
  ['servers and controllers apart', { ha: true, networkPolicies: true, ingressHost: 'a.example.com' }],
  ['some namespaces alone', { roles: 'apart', destinationNamespaces: ['a', 'b'], applicationNamespaces: ['team-*'] }],
]
for (const [says, flags] of SHAPES) {
  test(`an installation of ${says} runs without rights on its node and names every object once`, async () => {
    const objects = await objectsOf(flags)

    const workloads = objects.filter(({ kind }) => kind === 'Deployment')
    assert.ok(workloads.length > 0)
    for (const workload of workloads) {
      const pod = fieldAt(workload, 'spec', 'template', 'spec')
      assert.equal(fieldAt(pod, 'securityContext', 'runAsNonRoot'), true)
      for (const container of [...listAt(pod, 'initContainers'), ...listAt(pod, 'containers')]) {
        assert.deepEqual(fieldAt(container, 'securityContext'), {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ['ALL'] },
          seccompProfile: { type: 'RuntimeDefault' },
        })
        assert.notEqual(fieldAt(container, 'resources', 'requests', 'memory'), undefined)
      }
      for (const container of listAt(pod, 'containers')) {
        assert.ok(
          fieldAt(container, 'livenessProbe') !== undefined && fieldAt(container, 'readinessProbe') !== undefined,
        )
      }
    }
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name ?? ''}`)
    assert.equal(new Set(names).size, names.length)
    assert.deepEqual([objects[0]?.kind, objects[1]?.kind], ['Namespace', 'CustomResourceDefinition'])
  })
}

test('every probe asks for what is answered there', async (t) => {
  const place = { port: 0, address: '127.0.0.1' }
  const metrics = await startMetricsPort({ metrics: new Metrics(), ...place })
  t.after(() => metrics.close())
  const front = await startFront({ ...place, log: silentLog, page: pageFiles('/nonexistent') })
  t.after(() => front.close())
  const ports: Readonly<Record<string, number>> = { metrics: metrics.port, server: front.port }
  const workloads = (await objectsOf({ ha: true })).filter(({ kind }) => kind === 'Deployment')

  const asked = workloads
    .flatMap((workload) => listAt(workload, 'spec', 'template', 'spec', 'containers'))
    .flatMap((container) => ['livenessProbe', 'readinessProbe'].map((probe) => fieldAt(container, probe, 'httpGet')))
    .filter((probe) => probe !== undefined)
  assert.equal(asked.length, 4)
  for (const probe of asked) {
    const response = await fetch(`http://127.0.0.1:${ports[textAt(probe, 'port')] ?? 0}${textAt(probe, 'path')}`)
    assert.notEqual(response.status, 404, JSON.stringify(probe))
  }
})

test('[004-62] the Service of the server has the name, the ports and the labels by which clients look for it', async () => {
  const objects = await objectsOf({})

  const service = objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'argocd-server')
  const server = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'argocd-server')
  assert.deepEqual(fieldAt(service, 'spec', 'selector'), { 'app.kubernetes.io/name': 'argocd-server' })
  assert.deepEqual(
    listAt(service, 'spec', 'ports').map((port) => [
      textAt(port, 'name'),
      fieldAt(port, 'port'),
      fieldAt(port, 'targetPort'),
    ]),
    [
      ['http', 80, 8080],
      ['https', 443, 8080],
    ],
  )
  const labels = fieldAt(server, 'spec', 'template', 'metadata', 'labels')
  assert.equal(fieldAt(labels, 'app.kubernetes.io/name'), 'argocd-server')
})

test('one who delivers to some namespaces alone has no right on the whole cluster', async () => {
  const objects = await objectsOf({ destinationNamespaces: ['a', 'b'] })

  assert.deepEqual(
    objects.filter(({ kind }) => kind.startsWith('ClusterRole')),
    [],
  )
  const places = objects.filter(({ kind }) => kind === 'Role').map(({ metadata }) => metadata.namespace)
  assert.deepEqual(new Set(places), new Set(['a', 'argocd', 'b']))
})

test('[004-30] behind an ingress the server speaks plain HTTP, and TLS only where that is said', async () => {
  const parameters = async (flags: Partial<InstallFlags>): Promise<unknown> =>
    (await objectsOf(flags)).find(({ metadata }) => metadata.name === 'argocd-cmd-params-cm')?.['data']

  assert.equal(await parameters({}), undefined)
  assert.deepEqual(await parameters({ insecure: true }), { 'server.insecure': 'true' })
  assert.deepEqual(await parameters({ ingressHost: 'a.example.com' }), { 'server.insecure': 'true' })
  assert.equal(await parameters({ ingressHost: 'a.example.com', set: ['ingress.servicePort=443'] }), undefined)
})

test('settings of the last run stay unless they are given anew, and --set wins over flags', async () => {
  const last = { image: 'old', ingress: { enabled: true, host: 'a.example.com' }, namespace: { create: true } }

  const values = await installValues(
    { ...FLAGS, ingressClass: 'nginx', set: ['server.logLevel=debug', 'image=z:2'] },
    last,
  )

  assert.deepEqual(JSON.parse(JSON.stringify(values)), {
    image: 'z:2',
    ingress: { enabled: true, host: 'a.example.com', className: 'nginx' },
    namespace: { create: true },
    server: { logLevel: 'debug' },
  })
})

const WRONG: readonly (readonly [flags: Partial<InstallFlags>, message: RegExp])[] = [
  [{ ha: true, roles: 'together' }, /--roles together is one process: leave out --ha/],
  [{ set: ['roles=many'] }, /at '\/roles': value must be one of 'together', 'apart'/],
  [{ set: ['ingres.host=a'] }, /additional properties 'ingres' not allowed/],
  [{ set: ['ingress.enabled=true'] }, /ingress\/host|ingress\.host/],
  [{ values: ['/nonexistent/values.yaml'] }, /--values \/nonexistent\/values\.yaml: there is no such file/],
  [{ rootpath: 'argo' }, /'\/server\/rootPath'/],
  [{ destinationNamespaces: ['A_b'] }, /'\/destinationNamespaces\/0'/],
]
for (const [flags, message] of WRONG) {
  test(`wrong settings are told by name: ${JSON.stringify(flags)}`, async () => {
    await assert.rejects(objectsOf(flags), { message })
  })
}

test('the resource types of the chart are those that every start brings (tools/generate-chart-crds.ts writes them)', () => {
  for (const crd of [applicationCrd(), applicationSetCrd(), appProjectCrd()]) {
    const plural = crd.metadata.name?.split('.', 1)[0] ?? ''
    const stored: unknown = parseYaml(readFileSync(join(CRDS, `${plural}.yaml`), 'utf8'))
    assert.deepEqual(stored, JSON.parse(JSON.stringify(crd)))
  }
})
