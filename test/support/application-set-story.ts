// Steps of stories about ApplicationSets: making them, and waiting for what they do.
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { ApplicationSet } from '../../src/crds/application-set.ts'
import type { Application } from '../../src/crds/application.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { StoryPlane } from './control-plane.ts'

export const SETS = 'applicationset.ApplicationSetService'
/** What does not come true within this has failed. */
const PATIENCE_MS = 180_000
const POLL_MS = 20

/** An ApplicationSet in the control plane's namespace; `spec` stands over a template of Applications in `apps/<name>`. */
export function setOf(
  name: string,
  spec: Readonly<Record<string, unknown>>,
  finalizers: readonly string[] = [],
): KubeObject {
  const object = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name, namespace: 'argocd', ...(finalizers.length === 0 ? {} : { finalizers }) },
    spec,
  }
  return object
}

/** Applications of one ConfigMap each, from the folder of a repository that a parameter names. */
export function templateOf(repoURL: string, labels: Readonly<Record<string, string>> = {}, more: object = {}): object {
  return {
    metadata: { name: '{{.name}}', labels },
    spec: {
      project: 'default',
      source: { repoURL, path: '{{.path.path}}', targetRevision: 'main' },
      destination: { name: 'in-cluster', namespace: 'default' },
      ...more,
    },
  }
}

export async function apply({ client }: StoryPlane, object: KubeObject): Promise<void> {
  const [group = '', version = ''] = object.apiVersion.includes('/')
    ? object.apiVersion.split('/')
    : ['', object.apiVersion]
  const type = await client.resourceOf({ group, version, kind: object.kind })
  assert.ok(type)
  const { namespace = '', name = '' } = object.metadata
  const ref = { type, namespace, name }
  // Objects of stories are JSON.
  await client.patch(ref, 'apply', object as never, { fieldManager: 'story', force: true })
}

export async function remove({ client }: StoryPlane, kind: string, name: string): Promise<void> {
  const type = await client.resourceOf({ group: 'argoproj.io', version: 'v1alpha1', kind })
  assert.ok(type)
  await client.delete({ type, namespace: 'argocd', name })
}

export async function readSet({ live }: StoryPlane, name: string): Promise<ApplicationSet | undefined> {
  // What an API server keeps under the kind is one.
  return (await live('argoproj.io/v1alpha1', 'ApplicationSet', `argocd/${name}`)) as ApplicationSet | undefined
}

/** Waits until a set is as wanted and gives it. */
export async function untilSet(
  story: StoryPlane,
  name: string,
  isWanted: (set: ApplicationSet) => boolean,
): Promise<ApplicationSet> {
  return until(`ApplicationSet ${name}`, async () => {
    const set = await readSet(story, name)
    return { value: set, isDone: set !== undefined && isWanted(set) }
  })
}

/** The condition of a type, `<status> <reason>`. */
export function conditionOf({ status }: ApplicationSet, type: string): string | undefined {
  const condition = status?.conditions?.find((one) => one.type === type)
  return condition === undefined ? undefined : `${condition.status} ${condition.reason}`
}

export function isUpToDate(set: ApplicationSet): boolean {
  return conditionOf(set, 'ResourcesUpToDate') === 'True ApplicationSetUpToDate'
}

/** Waits until the names of all Applications are these, in order. */
export async function untilApplications(
  { client }: StoryPlane,
  names: readonly string[],
): Promise<readonly Application[]> {
  const type = await client.resourceOf({ group: 'argoproj.io', version: 'v1alpha1', kind: 'Application' })
  assert.ok(type)
  const wanted = names.toSorted().join()
  return until(`Applications ${wanted}`, async () => {
    const { items } = await client.list(type, { namespace: 'argocd' })
    const found = items as readonly Application[] // listed by their kind
    return {
      value: found,
      isDone:
        found
          .map(({ metadata }) => metadata.name ?? '')
          .toSorted()
          .join() === wanted,
    }
  })
}

/** Waits for any condition. */
export async function until<T>(
  what: string,
  look: () => Promise<{ readonly value: T | undefined; readonly isDone: boolean }>,
): Promise<T> {
  const endMs = performance.now() + PATIENCE_MS
  for (;;) {
    const { value, isDone } = await look()
    if (isDone && value !== undefined) return value
    if (performance.now() > endMs) {
      const shown = value !== null && typeof value === 'object' && 'status' in value ? value.status : value
      assert.fail(`${what} did not become as wanted; it is ${JSON.stringify(shown, undefined, 1)?.slice(0, 6000)}`)
    }
    await pause(POLL_MS)
  }
}
