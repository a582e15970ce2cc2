// What a story of a private repository does: register it, trust its host, deliver from it, read what is said.
import type { Application } from '../../src/crds/application.ts'
import type { ResourceType } from '../../src/kube/client/client.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { StoryPlane } from './control-plane.ts'

const NAMESPACE = 'argocd'

async function typeOf({ client }: StoryPlane, kind: string): Promise<ResourceType> {
  const type = await client.resourceOf({ group: '', kind })
  if (type === undefined) throw new Error(`the cluster serves no ${kind}`)
  return type
}

/** Creates the Secret of a repository, or of a credential template, as the guide shows it. */
export async function register(
  story: StoryPlane,
  fields: Readonly<Record<string, string>>,
  secretType: 'repository' | 'repo-creds' = 'repository',
): Promise<void> {
  const labels = { 'argocd.argoproj.io/secret-type': secretType }
  const metadata = { name: 'deploy-repository', namespace: NAMESPACE, labels }
  const secret: KubeObject & { stringData: object } = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: fields }
  await story.client.create(await typeOf(story, 'Secret'), secret)
}

/** Changes fields of the registered Secret. */
export async function correct(story: StoryPlane, fields: Readonly<Record<string, string>>): Promise<void> {
  const ref = { type: await typeOf(story, 'Secret'), namespace: NAMESPACE, name: 'deploy-repository' }
  await story.client.patch(ref, 'merge', { stringData: { ...fields } })
}

/** Puts an entry into one of the ConfigMaps of trusted hosts. */
export async function trust(
  story: StoryPlane,
  configMap: 'argocd-tls-certs-cm' | 'argocd-ssh-known-hosts-cm',
  entry: Readonly<Record<string, string>>,
): Promise<void> {
  const ref = { type: await typeOf(story, 'ConfigMap'), namespace: NAMESPACE, name: configMap }
  await story.client.patch(ref, 'merge', { data: { ...entry } })
}

/** An automated application from path `web` of the repository. */
export async function deliverFrom({ client, plane }: StoryPlane, repoURL: string): Promise<void> {
  const spec = {
    project: 'default',
    source: { repoURL, path: 'web', targetRevision: 'main' },
    destination: { server: 'https://kubernetes.default.svc', namespace: 'web' },
    syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'] },
  }
  const metadata = { name: 'web', namespace: NAMESPACE }
  const object = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata, spec }
  await client.create(plane.applications.type, object)
}

/** Asks for a look at Git and waits for its end. */
export async function refresh({ api }: StoryPlane): Promise<void> {
  await api.call('application.ApplicationService/Get', { name: 'web', refresh: 'hard' })
}

/** The message of the condition that says why nothing can be compared, once there is one. */
export async function complaint(story: StoryPlane): Promise<string> {
  const messageOf = ({ status }: Application): string | undefined =>
    status?.conditions?.find(({ type }) => type === 'ComparisonError')?.message
  return messageOf(await story.application('web', (application) => messageOf(application) !== undefined)) ?? ''
}
