// Wrong objects and what kube-apiserver 1.36.3 says of them; the texts are its answers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../../../kube/object.ts'
import { VALIDATORS } from './validators.ts'

const POD = { restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', terminationGracePeriodSeconds: 30 }
const CONTAINER = { name: 'c', image: 'i', imagePullPolicy: 'Always', terminationMessagePolicy: 'File' }

function pod(spec: JsonObject): JsonObject {
  return { spec: { ...POD, containers: [CONTAINER], ...spec } }
}

const HPA = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, maxReplicas: 2 }

const CASES: readonly (readonly [kind: string, object: JsonObject, faults: readonly string[]])[] = [
  ['/v1/Pod', pod({}), []],
  ['/v1/Pod', pod({ dnsPolicy: 'None' }), ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None']],
  ['/v1/Pod', pod({ os: { name: 'beos' } }), ['spec.os: Unsupported value: "beos": supported values: "linux", "windows"']],
  ['/v1/Pod', pod({ hostAliases: [{ ip: 'x' }] }), ['spec.hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
  ['/v1/Pod', pod({ securityContext: { runAsUser: -1 } }), ['spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive']],
  ['/v1/Pod', pod({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {} } } }), ['spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term']],
  ['/v1/Namespace', { spec: { finalizers: ['mine'] } }, ['spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified']],
  ['/v1/LimitRange', { spec: { limits: [{ type: 'Box' }] } }, ['spec.limits[0].type: Invalid value: "Box": must be a standard limit type or fully qualified']],
  ['/v1/ResourceQuota', { spec: { hard: { secrets: '1' }, scopes: ['Terminating'] } }, ['spec.scopes: Invalid value: ["Terminating"]: unsupported scope applied to resource']],
  ['/v1/ResourceQuota', { spec: { hard: {}, scopes: ['Terminating', 'NotTerminating'] } }, ['spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes']],
  ['networking.k8s.io/v1/NetworkPolicy', { spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16'] } }] }] } }, ['spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`']],
  ['networking.k8s.io/v1/IngressClass', { spec: { controller: 'x' } }, ['spec.controller: Invalid value: "x": must be a domain-prefixed path (such as "acme.io/foo")']],
  ['autoscaling/v2/HorizontalPodAutoscaler', { spec: { ...HPA, metrics: [{ type: 'Pods', pods: { metric: { name: 'm' }, target: { type: 'AverageValue' } } }] } }, ['spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue']],
  ['autoscaling/v2/HorizontalPodAutoscaler', { spec: { ...HPA, behavior: { scaleUp: { policies: [{ type: 'Pods', value: 0, periodSeconds: 15 }] } } } }, ['spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero']],
] // prettier-ignore

test('wrong objects are refused in the words of kube-apiserver', () => {
  for (const [kind, object, expected] of CASES) {
    const faults = VALIDATORS[kind]?.(object, undefined) ?? []
    assert.deepEqual(faults.map(({ field, message }) => `${field}: ${message}`), expected, JSON.stringify(object)) // prettier-ignore
  }
})
