// What people see of where a registry is in use.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '../../../base/secret.ts'
import type { RegistryCredential } from '../../../settings/registry-credential.ts'
import type { Call } from '../../context.ts'
import { describeRegistry } from './describe.ts'

const HUB: RegistryCredential = {
  id: 'hub',
  address: 'docker.io',
  project: '',
  kind: 'static',
  login: { kind: 'static', username: 'puller', password: new Secret('hunter2') },
  isInsecure: false,
  tokenHosts: [],
  options: { isPropagated: true },
  source: { namespace: 'argocd', name: 'hub', uid: 'u', resourceVersion: '1', isAdopted: false },
}
const EAST = 'https://east.example.com'
const WEST = 'https://west.example.com'

const APPLICATIONS = new Map(
  Object.entries({
    web: { project: 'shops', destination: { name: 'east', namespace: 'web' }, resources: [{ namespace: 'jobs' }] },
    pay: { project: 'bank', destination: { server: WEST, namespace: 'pay' }, resources: [] },
  }).map(([name, { project, destination, resources }]) => [
    name,
    { metadata: { name, namespace: 'argocd' }, spec: { project, destination }, status: { resources } },
  ]),
)

async function shownTo(...objects: readonly string[]): Promise<{ readonly applications: object; places: object }> {
  const context = {
    namespace: 'argocd',
    clock: { now: () => 0 },
    applications: { get: (_namespace: string, name: string) => APPLICATIONS.get(name) },
    clusters: async () => [{ server: EAST, name: 'east' }, { server: WEST, name: 'west' }], // prettier-ignore
    isAllowed: (_identity: object, _resource: string, _action: string, object: string) =>
      objects.some((one) => one === '*' || one === object),
    registries: {
      use: () => ({
        secretName: 'pull',
        applications: ['argocd/pay', 'argocd/web'],
        places: [
          { server: EAST, namespace: 'jobs' },
          { server: EAST, namespace: 'web' },
          { server: WEST, namespace: 'pay' },
        ],
        applicationCount: 2,
        namespaceCount: 3,
        errors: [],
      }),
    },
  }
  const call = { context, identity: { subject: 'dev' } } as unknown as Call // what is called of it
  const { usage } = (await describeRegistry(call, HUB)) as { usage: { applications: object; places: object } }
  return { applications: usage.applications, places: usage.places }
}

test('clusters and namespaces of applications that somebody may not see are not shown to them', async () => {
  const east = ['jobs', 'web'].map((namespace) => ({ server: EAST, clusterName: 'east', namespace }))
  const west = [{ server: WEST, clusterName: 'west', namespace: 'pay' }]

  assert.deepEqual(await shownTo('shops/web'), { applications: ['argocd/web'], places: east })
  assert.deepEqual(await shownTo('bank/pay'), { applications: ['argocd/pay'], places: west })
  assert.deepEqual(await shownTo(), { applications: [], places: [] })
  assert.deepEqual((await shownTo('*')).places, [...east, ...west])
})
