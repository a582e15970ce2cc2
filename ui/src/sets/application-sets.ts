// What the page tells of an ApplicationSet: its generators, its state, and what a change would do.
import type { ApplicationSet, ApplicationSetGenerator } from '../../../src/crds/application-set.ts'
import type { ResourceStatus } from '../../../src/crds/application.ts'

/** `project/name`, as RBAC names it. */
export function rbacNameOf({ metadata, spec }: ApplicationSet): string {
  return `${spec.template.spec.project || 'default'}/${metadata.name ?? ''}`
}

/** Names of the generators, those inside of matrix and merge in parentheses. */
export function generatorWords(generators: readonly ApplicationSetGenerator[]): readonly string[] {
  return generators.flatMap((generator) =>
    Object.entries(generator)
      .filter(([name]) => name !== 'selector')
      .map(([name, value]) => {
        const inner = innerOf(value)
        return inner.length === 0 ? name : `${name} (${generatorWords(inner).join(', ')})`
      }),
  )
}

function innerOf(value: unknown): readonly ApplicationSetGenerator[] {
  const generators: unknown =
    typeof value === 'object' && value !== null && 'generators' in value ? value.generators : []
  return Array.isArray(generators) ? generators : []
}

export type SetState = 'Healthy' | 'Error' | 'Progressing' | 'Unknown'

/** An error comes first; then whether all is as generated. */
export function stateOf({ status }: ApplicationSet): SetState {
  const isTrue = (type: string): boolean =>
    (status?.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True')
  if (isTrue('ErrorOccurred')) return 'Error'
  if (isTrue('RolloutProgressing')) return 'Progressing'
  return isTrue('ResourcesUpToDate') ? 'Healthy' : 'Unknown'
}

export type PlannedAct = 'create' | 'change' | 'keep' | 'delete' | 'invalid'

/** What a preview says would be done to an Application. */
export function actOf({ status, health, requiresPruning }: ResourceStatus): PlannedAct {
  if (requiresPruning === true) return 'delete'
  if (status === 'Synced') return 'keep'
  if (status === 'Unknown') return 'invalid'
  return health?.status === 'Missing' ? 'create' : 'change'
}

export const ACTS: readonly PlannedAct[] = ['create', 'change', 'delete', 'invalid', 'keep']

/** The resource as people write it: without what the server keeps. */
export function writtenSet({ metadata, spec }: ApplicationSet): object {
  const { name, namespace, labels, annotations, finalizers } = metadata
  const own = Object.entries({ name, namespace, labels, annotations, finalizers }).filter(
    ([, value]) => value !== undefined,
  )
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'ApplicationSet', metadata: Object.fromEntries(own), spec }
}

/** What a new one begins with: an Application for each folder below apps/. */
export const FIRST_SET = `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: my-apps
spec:
  goTemplate: true
  goTemplateOptions: ["missingkey=error"]
  generators:
    - git:
        repoURL: https://github.com/org/deploy.git
        revision: HEAD
        directories:
          - path: apps/*
  template:
    metadata:
      name: "{{ .path.basename }}"
    spec:
      project: default
      source:
        repoURL: https://github.com/org/deploy.git
        targetRevision: HEAD
        path: "{{ .path.path }}"
      destination:
        server: https://kubernetes.default.svc
        namespace: "{{ .path.basename }}"
      syncPolicy:
        syncOptions: [CreateNamespace=true]
`
