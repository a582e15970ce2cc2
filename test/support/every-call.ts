// A request for every call of the API, and what these are about.
import assert from 'node:assert/strict'
import type { RequestMessage } from '../../src/api/client/client.ts'
import type { Route } from '../../src/api/routes.ts'
import type { StoryPlane } from './control-plane.ts'

export const OWN_PASSWORD = 'a password of its own'

/** Something each call can be about; what is deleted is there for nobody. */
const REPOSITORY = 'https://127.0.0.1:1/deploy.git'
const OTHER_REPOSITORY = 'https://127.0.0.1:1/other.git'
const IN_CLUSTER = 'https://kubernetes.default.svc'
const ABOUT: RequestMessage = {
  name: 'web',
  applicationName: 'web',
  appName: 'web',
  appProject: 'default',
  project: 'default',
  role: 'ci',
  iat: 1,
  id: { value: IN_CLUSTER },
  repo: REPOSITORY,
  url: 'https://git.example.com',
  keyID: '0123456789ABCDEF',
  resource: 'applications',
  action: 'get',
  subresource: '*/*',
  revision: 'main',
  podName: 'web-1',
  resourceName: 'web',
  namespace: 'web',
  version: 'v1',
  kind: 'Pod',
  patchType: 'application/merge-patch+json',
  patch: '{}',
}
const PROJECT = { metadata: { name: 'team' }, spec: { roles: [{ name: 'ci' }] } }

/** Where a call wants a message of its own. */
const OWN: Readonly<Record<string, RequestMessage>> = {
  'account.AccountService': { name: 'admin', id: 'none', newPassword: OWN_PASSWORD, currentPassword: 'wrong' },
  'cluster.ClusterService/List': { name: '', id: undefined },
  'repository.RepositoryService/Delete': { appProject: '' },
  'repository.RepositoryService/DeleteRepository': { repo: OTHER_REPOSITORY, appProject: '' },
  'repository.RepositoryService/DeleteWriteRepository': { appProject: '' },
  'application.ApplicationService/List': { repo: '', name: '' },
  'application.ApplicationService/Watch': { repo: '', name: '' },
  'application.ApplicationService/Create': { application: application('other') },
  'application.ApplicationService/Update': { application: application('web') },
  'application.ApplicationService/UpdateSpec': { spec: application('web').spec },
  'application.ApplicationService/Patch': { patchType: 'merge' },
  'application.ApplicationService/RunResourceAction': { action: 'restart' },
  'application.ApplicationService/RunResourceActionV2': { action: 'restart' },
  'application.ApplicationService/GetManifestsWithFiles': { query: { name: 'web', checksum: '00' } },
  'applicationset.ApplicationSetService/Create': { applicationset: applicationSet('set') },
  'applicationset.ApplicationSetService/Generate': { applicationSet: applicationSet('set') },
  'project.ProjectService/Create': { project: { metadata: { name: 'other' }, spec: {} } },
  'project.ProjectService/Update': { project: PROJECT },
  'project.ProjectService': { name: 'team', project: 'team', id: 'none' },
  'cluster.ClusterService/Create': { cluster: { server: 'https://127.0.0.1:1', name: 'none' } },
  'cluster.ClusterService/Update': { cluster: { server: IN_CLUSTER, name: 'in-cluster' } },
  'repository.RepositoryService': { repo: REPOSITORY, source: { repoURL: REPOSITORY, path: '.', targetRevision: 'main' } }, // prettier-ignore
  'repository.RepositoryService/Create': { repo: { repo: REPOSITORY } },
  'registry.RegistryService': { id: 'registry', image: '127.0.0.1:1/app', application: 'web', appNamespace: 'argocd' },
  'registry.RegistryService/Create': { registry: { address: '127.0.0.1:1', username: 'u', password: 'p' } },
  'repocreds.RepoCredsService': { creds: { url: 'https://127.0.0.1:1/' } },
  'certificate.CertificateService/CreateCertificate': { certificates: { items: [] } },
  'gpgkey.GPGKeyService/Create': { publickey: { keyData: 'none' } },
}

function application(name: string): { readonly metadata: object; readonly spec: object } {
  const source = { repoURL: REPOSITORY, path: '.', targetRevision: 'main' }
  const destination = { server: 'https://kubernetes.default.svc', namespace: 'web' }
  return { metadata: { name, namespace: 'argocd' }, spec: { project: 'default', source, destination } }
}

function applicationSet(name: string): object {
  const template = { metadata: { name: '{{a}}' }, spec: application('').spec }
  return { metadata: { name, namespace: 'argocd' }, spec: { generators: [{ list: { elements: [] } }], template } }
}

/** What a call is asked with. */
export function requestOf({ service, method }: Route): RequestMessage {
  const repository = /^(Create|Update)\w*$/.test(method) && service === 'repository.RepositoryService'
  const special = repository ? OWN['repository.RepositoryService/Create'] : OWN[`${service}/${method}`]
  return { ...ABOUT, ...OWN[service], ...special }
}

/** Makes the application, the set, the project and the repositories that the requests name. */
export async function makeWhatCallsAreAbout({ api, client }: StoryPlane): Promise<void> {
  await api.call('application.ApplicationService/Create', { application: application('web'), validate: false })
  await api.call('applicationset.ApplicationSetService/Create', { applicationset: applicationSet('web') })
  await api.call('project.ProjectService/Create', { project: PROJECT })
  const type = await client.resourceOf({ group: '', kind: 'Secret' })
  assert.ok(type)
  for (const [name, kind, url] of [
    ['read', 'repository', REPOSITORY],
    ['other', 'repository', OTHER_REPOSITORY],
    ['write', 'repository-write', REPOSITORY],
    ['registry', 'registry', '127.0.0.1:1'],
  ] as const) {
    const metadata = { name, namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': kind } }
    const login = kind === 'registry' ? { username: 'u', password: 'p' } : {}
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { url, ...login } }
    await client.create(type, secret)
  }
}
