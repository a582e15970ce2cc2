// What objects take of quotas, one line a case.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject, KubeObject } from '../../../../kube/object.ts'
import { amountTexts } from '../pod-amounts.ts'
import { podConstraint } from './pod-usage.ts'
import { evaluatorOf, isCovered, totalUsage, type ResourceQuota } from './usage.ts'

function objectOf(parts: JsonObject): KubeObject {
  return { apiVersion: 'v1', kind: 'X', metadata: { name: 'a' }, ...parts }
}

function usageOf(resource: string, parts: JsonObject): Readonly<Record<string, string>> {
  const evaluator = evaluatorOf({ group: '', resource })
  assert.ok(evaluator !== undefined)
  return amountTexts(evaluator.usage(objectOf(parts), 0))
}

function container(requests: JsonObject, limits: JsonObject = {}, more: JsonObject = {}): JsonObject {
  return { name: 'main', resources: { requests, limits }, ...more }
}

const POD = { 'count/pods': '1', pods: '1' }
const SERVICE = { 'count/services': '1', services: '1', 'services.nodeports': '0', 'services.loadbalancers': '0' }
const CLAIM = { 'count/persistentvolumeclaims': '1', persistentvolumeclaims: '1' }

const USAGES: readonly [string, JsonObject, Readonly<Record<string, string>>][] = [
  ['pods', { spec: { containers: [] } }, POD],
  ['pods', { spec: { containers: [container({ cpu: '1' })] } }, { ...POD, cpu: '1', 'requests.cpu': '1' }],
  ['pods', { spec: { containers: [container({}, { memory: '1Gi' })] } }, { ...POD, 'limits.memory': '1Gi' }],
  ['pods', { spec: { containers: [container({ cpu: '500m' }), container({ cpu: '500m' })] } }, { ...POD, cpu: '1', 'requests.cpu': '1' }],
  ['pods', { spec: { containers: [container({ 'example.com/gpu': '2' })] } }, { ...POD, 'requests.example.com/gpu': '2' }],
  ['pods', { spec: { containers: [container({ 'hugepages-2Mi': '4Mi' })] } }, { ...POD, 'hugepages-2Mi': '4Mi', 'requests.hugepages-2Mi': '4Mi' }],
  ['pods', { spec: { containers: [container({ cpu: '1' })], initContainers: [container({ cpu: '3' })] } }, { ...POD, cpu: '3', 'requests.cpu': '3' }],
  ['pods', { spec: { containers: [container({ cpu: '1' })], initContainers: [container({ cpu: '1' }, {}, { restartPolicy: 'Always' })] } }, { ...POD, cpu: '2', 'requests.cpu': '2' }],
  ['pods', { spec: { containers: [container({ cpu: '1' })], overhead: { cpu: '250m' } } }, { ...POD, cpu: '1250m', 'requests.cpu': '1250m' }],
  ['pods', { spec: { containers: [container({ cpu: '1' })], resources: { requests: { cpu: '4' } } } }, { ...POD, cpu: '4', 'requests.cpu': '4' }],
  ['pods', { spec: { containers: [container({ cpu: '1' })] }, status: { phase: 'Succeeded' } }, { 'count/pods': '1' }],
  ['pods', { metadata: { deletionTimestamp: '1969-12-31T23:00:00Z', deletionGracePeriodSeconds: 1 }, spec: {} }, { 'count/pods': '1' }],
  ['services', { spec: { type: 'ClusterIP', ports: [{ port: 80 }] } }, SERVICE],
  ['services', { spec: { type: 'NodePort', ports: [{ port: 80 }, { port: 81 }] } }, { ...SERVICE, 'services.nodeports': '2' }],
  ['services', { spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } }, { ...SERVICE, 'services.nodeports': '1', 'services.loadbalancers': '1' }],
  ['services', { spec: { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{ nodePort: 30000 }, { port: 1 }] } }, { ...SERVICE, 'services.nodeports': '1', 'services.loadbalancers': '1' }],
  ['persistentvolumeclaims', { spec: { resources: { requests: { storage: '1Gi' } } } }, { ...CLAIM, 'requests.storage': '1Gi' }],
  ['persistentvolumeclaims', { spec: { storageClassName: 'ssd', resources: { requests: { storage: '1Gi' } } }, status: { allocatedResources: { storage: '2Gi' } } }, { ...CLAIM, 'requests.storage': '2Gi', 'ssd.storageclass.storage.k8s.io/requests.storage': '2Gi', 'ssd.storageclass.storage.k8s.io/persistentvolumeclaims': '1' }],
  ['secrets', {}, { 'count/secrets': '1', secrets: '1' }],
  ['leases', {}, { 'count/leases': '1' }],
] // prettier-ignore

test('measures objects as kubernetes does', () => {
  for (const [resource, parts, expected] of USAGES) {
    assert.deepEqual(usageOf(resource, parts), expected, JSON.stringify([resource, parts]))
  }
})

const SCOPES: readonly [JsonObject, JsonObject, boolean][] = [
  [{ scopes: ['Terminating'] }, { activeDeadlineSeconds: 0 }, true],
  [{ scopes: ['Terminating'] }, {}, false],
  [{ scopes: ['NotTerminating'] }, {}, true],
  [{ scopes: ['BestEffort'] }, { containers: [container({})] }, true],
  [{ scopes: ['BestEffort', 'NotTerminating'] }, { containers: [container({ cpu: '1' })] }, false],
  [{ scopes: ['NotBestEffort'] }, { containers: [container({ cpu: '1' })] }, true],
  [{ scopes: ['PriorityClass'] }, { priorityClassName: 'high' }, true],
  [{ scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] } }, { priorityClassName: 'high' }, true],
  [{ scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] } }, { priorityClassName: 'low' }, false],
  [{ scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'NotIn', values: ['high'] }] } }, {}, true],
  [{ scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'DoesNotExist' }] } }, { priorityClassName: 'low' }, false],
  [{ scopes: ['CrossNamespacePodAffinity'] }, { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ namespaces: ['x'] }] } } }, true],
  [{ scopes: ['CrossNamespacePodAffinity'] }, { affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ podAffinityTerm: { topologyKey: 'k' } }] } } }, false],
] // prettier-ignore

test('counts only pods in all scopes of a quota', () => {
  const evaluator = evaluatorOf({ group: '', resource: 'pods' })
  assert.ok(evaluator !== undefined)
  for (const [spec, podSpec, expected] of SCOPES) {
    const quota = objectOf({ spec: { ...spec, hard: { pods: '1' } } }) as ResourceQuota
    const pod = objectOf({ spec: podSpec })

    assert.equal(isCovered(evaluator, quota, pod), expected, JSON.stringify([spec, podSpec]))
    assert.deepEqual(amountTexts(totalUsage(evaluator, quota, { objects: [pod], nowMs: 0 })), { pods: expected ? '1' : '0' }) // prettier-ignore
  }
})

test('names every container that leaves out what a quota counts', () => {
  const containers = [{ name: 'b' }, { name: 'a' }, { name: 'c', resources: { requests: { cpu: '1' } } }]
  const pod = objectOf({ spec: { containers } })
  const covered = objectOf({ spec: { containers, resources: { requests: { cpu: '1' } } } })

  assert.equal(
    podConstraint(pod, ['limits.memory', 'cpu', 'pods', 'requests.ephemeral-storage']),
    'must specify cpu for: a,b; limits.memory for: a,b,c',
  )
  assert.equal(podConstraint(covered, ['requests.cpu']), undefined)
})
