// Actions on recorded objects against what the original actions do.
import { test } from 'node:test'
import { discoverActions, runAction } from '../../src/actions/actions.ts'
import type { ActionChange } from '../../src/actions/contract.ts'
import { messageOf } from '../../src/base/errors.ts'
import { isModified } from '../../src/diff/compare.ts'
import { deepEqual } from '../../src/kube/json-value.ts'
import type { JsonObject, KubeObject } from '../../src/kube/object.ts'
import { type CaseResult, compareWithKnownFailures, CORPUS_ABSENT, corpusFolder, readCases } from '../support/corpus.ts'

interface Expected {
  readonly k8sOperation: 'create' | 'patch'
  readonly unstructuredObj: KubeObject
}

interface DiscoveryCase {
  readonly id: string
  readonly type: 'discovery'
  readonly input: KubeObject
  readonly expected: readonly JsonObject[] | null
}

interface ActionCase {
  readonly id: string
  readonly type: 'action'
  readonly input: KubeObject
  readonly action: string
  readonly parameters?: Readonly<Record<string, string>>
  readonly expected?: KubeObject | readonly Expected[]
  readonly expectedError?: string
}

/** Values that depend on the clock or the run; paths as the corpus names them. */
const VARYING: Readonly<Record<string, readonly (readonly string[])[]>> = {
  Cluster: [
    ['metadata', 'annotations', 'cnpg.io/reloadedAt'],
    ['metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt'],
    ['status', 'targetPrimaryTimestamp'],
  ],
  DaemonSet: [['spec', 'template', 'metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt']],
  Deployment: [
    ['spec', 'template', 'metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt'],
    ['status'],
    ['metadata', 'creationTimestamp'],
    ['metadata', 'generation'],
  ],
  ExternalSecret: [['metadata', 'annotations', 'force-sync']],
  PushSecret: [['metadata', 'annotations', 'force-sync']],
  Rollout: [['spec', 'restartAt']],
  StatefulSet: [['spec', 'template', 'metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt']],
  Workflow: [
    ['metadata', 'resourceVersion'],
    ['metadata', 'uid'],
    ['metadata', 'annotations', 'workflows.argoproj.io/scheduled-time'],
  ],
}

function settle(object: KubeObject): KubeObject {
  const copy = structuredClone(object) as unknown as Record<string, unknown>
  const paths = [...(VARYING[object.kind] ?? []), ['metadata', 'annotations', 'reconcile.fluxcd.io/requestedAt']]
  for (const path of paths) drop(copy, path)
  const status = copy['status'] as { conditions?: Record<string, unknown>[] } | undefined
  for (const condition of status?.conditions ?? []) {
    if (object.kind === 'Job' && condition['type'] === 'FailureTarget') delete condition['lastTransitionTime']
  }
  return copy as unknown as KubeObject
}

function drop(holder: Record<string, unknown>, [key = '', ...rest]: readonly string[]): void {
  if (rest.length === 0) delete holder[key]
  const inner = holder[key]
  if (rest.length > 0 && typeof inner === 'object' && inner !== null) drop(inner as Record<string, unknown>, rest)
}

function isWanted({ object }: ActionChange, wanted: KubeObject): boolean {
  const [name = '', wantedName = ''] = [object.metadata.name, wanted.metadata.name]
  const isNamed = name === wantedName || sharesStem(name, wantedName)
  return object.kind === wanted.kind && object.metadata.namespace === wanted.metadata.namespace && isNamed
}

/** Names end in a time. */
function sharesStem(name: string, other: string): boolean {
  return name.replace(/-\d+$/u, '') === other.replace(/-\d+$/u, '')
}

function checkAction({ id, input, action, parameters = {}, expected, expectedError }: ActionCase): CaseResult {
  let changes: readonly ActionChange[]
  try {
    changes = runAction(input, action, { parameters, now: Date.parse('2026-01-02T03:04:05Z') })
  } catch (error) {
    return { id, failure: messageOf(error) === expectedError ? undefined : messageOf(error) }
  }
  if (expected === undefined) return { id, failure: `no error, expected ${String(expectedError)}` }
  const wanted: readonly Expected[] = Array.isArray(expected)
    ? (expected as readonly Expected[])
    : [{ k8sOperation: 'patch', unstructuredObj: expected as KubeObject }]
  for (const { k8sOperation, unstructuredObj } of wanted) {
    const found = changes.find((change) => change.operation === k8sOperation && isWanted(change, unstructuredObj))
    if (found === undefined) return { id, failure: `no ${k8sOperation} of ${unstructuredObj.kind}` }
    const named = {
      ...unstructuredObj,
      metadata: { ...unstructuredObj.metadata, name: found.object.metadata.name ?? '' },
    }
    const [settled, settledWanted] = [settle(found.object), settle(named)]
    if (isModified(settledWanted, settled)) return { id, failure: `got ${JSON.stringify(settled)}` }
  }
  return { id, failure: changes.length === wanted.length ? undefined : `${changes.length} changes` }
}

function checkDiscovery({ id, input, expected }: DiscoveryCase): CaseResult {
  const normal = (entry: object): JsonObject => {
    const { name = '', disabled = false, displayName = '', iconClass = '', params = [] } = entry as JsonObject
    const parameters = (Array.isArray(params) ? params : []) as readonly JsonObject[]
    return {
      name,
      disabled,
      displayName,
      iconClass,
      params: parameters.map((each) => ({ name: each['name'] ?? '', default: each['default'] ?? '' })),
    }
  }
  const wanted = (expected ?? []).map(normal)
  const odd = discoverActions(input)
    .map(normal)
    .filter((found) => !wanted.some((entry) => deepEqual(entry, found)))
  return { id, failure: odd.length === 0 ? undefined : `not expected: ${JSON.stringify(odd)}` }
}

test('actions are found and done as the original customizations do', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  const cases = [...readCases<DiscoveryCase | ActionCase>('actions', 'cases.jsonl')]
  compareWithKnownFailures(
    'actions',
    cases.map((each) => (each.type === 'discovery' ? checkDiscovery(each) : checkAction(each))),
  )
})
