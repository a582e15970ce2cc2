// What stories of the hydrator have in common: a dry repository, applications over it, and how to see them hydrated.
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Application } from '../../src/crds/application.ts'
import { startStoryPlane, type StoryPlane } from './control-plane.ts'
import { createRepository, git, temporaryFolder, type TestRepository } from './git.ts'

export interface HydratorScene {
  readonly story: StoryPlane
  readonly dry: TestRepository
  /** What a file of the hydrated branch holds. */
  readonly hydrated: (path: string) => string
}

/** A chart with one value. */
export function chart(replicas: number): Record<string, string> {
  return {
    'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
    'chart/values.yaml': `replicas: "${replicas}"\n`,
    'chart/templates/map.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  list: "a"\n  replicas: {{ .Values.replicas | quote }}\n',
  }
}

/** A dry repository on this disk, and a whole Capstan. */
export async function startHydratorScene(t: TestContext): Promise<HydratorScene> {
  const dry = createRepository(join(temporaryFolder(t), 'dry'))
  const story = await startStoryPlane(t)
  return { story, dry, hydrated: (path) => git(dry.folder, 'show', `env/prod:${path}`) }
}

/** An application whose manifests go to a folder of `env/prod` that is named like it. */
export async function createHydrated({ story, dry }: HydratorScene, name: string): Promise<void> {
  const spec = {
    project: 'default',
    sourceHydrator: {
      drySource: { repoURL: dry.url, targetRevision: 'main', path: 'chart' },
      syncSource: { targetBranch: 'env/prod', path: name },
    },
    destination: { server: 'https://kubernetes.default.svc', namespace: name },
    syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'] },
  }
  const object = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd' },
    spec,
  }
  await story.api.call('application.ApplicationService/Create', { application: object })
}

/** True for an application whose branch holds this dry commit. */
export function hydratedAt(drySHA: string): (application: Application) => boolean {
  return ({ status }) =>
    status?.sourceHydrator?.currentOperation?.phase === 'Hydrated' &&
    status.sourceHydrator.lastSuccessfulOperation?.drySHA === drySHA
}
