// What of an application's objects counts for its health.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HealthStatusCode } from '../../crds/application.ts'
import type { KubeObject } from '../../kube/object.ts'
import { applicationHealth } from './application-health.ts'
import type { JudgedObject } from './resource-statuses.ts'

interface Given {
  readonly status?: HealthStatusCode
  readonly isLive?: boolean
  readonly annotations?: Readonly<Record<string, string>>
  readonly kind?: string
  readonly group?: string
  readonly name?: string
  readonly isHook?: boolean
  readonly isSelfReferenced?: boolean
}

const SELF = { namespace: 'argocd', name: 'self' }
const SKIP = { 'argocd.argoproj.io/hook': 'Skip' }
const IGNORED = { 'argocd.argoproj.io/ignore-healthcheck': 'true' }
const CHILD = { group: 'argoproj.io', kind: 'Application' }

function judged(given: Given): JudgedObject {
  const { status = 'Healthy', isLive = true, annotations = {}, kind = 'Widget', group = 'example.com' } = given
  const key = { group, kind, namespace: 'argocd', name: given.name ?? 'a' }
  const metadata = { name: key.name, namespace: key.namespace, annotations }
  const object: KubeObject = { apiVersion: `${group}/v1`, kind, metadata }
  return {
    key,
    target: object,
    live: isLive ? object : undefined,
    isHook: given.isHook ?? false,
    isSelfReferenced: given.isSelfReferenced ?? true,
    isUnknown: false,
    isModified: false,
    health: isLive ? { status } : { status: 'Missing' },
  }
}

for (const [what, objects, expected] of [
  ['nothing at all', [], 'Healthy'],
  ['the worst of its objects', [{ status: 'Progressing' }, { status: 'Degraded' }, {}], 'Degraded'],
  ['a missing object beside others', [{ isLive: false }, {}], 'Healthy'],
  ['nothing but missing objects', [{ isLive: false }, { isLive: false }], 'Missing'],
  ['missing objects and a hook that is there', [{ isLive: false }, { isHook: true }], 'Missing'],
  ['an object whose health is to be ignored', [{ status: 'Degraded', annotations: IGNORED }], 'Healthy'],
  ['the same, beside missing ones', [{ status: 'Degraded', annotations: IGNORED }, { isLive: false }], 'Healthy'],
  ['a hook', [{ status: 'Degraded', isHook: true }], 'Healthy'],
  ['an object that is skipped', [{ status: 'Degraded', annotations: SKIP }], 'Healthy'],
  ['a copy of a mark', [{ status: 'Degraded', isSelfReferenced: false }], 'Healthy'],
  ['itself', [{ ...CHILD, status: 'Degraded', name: 'self' }], 'Healthy'],
  ['a child that is missing its objects', [{ ...CHILD, status: 'Missing' }], 'Healthy'],
  ['a child of unknown health', [{ ...CHILD, status: 'Unknown' }], 'Healthy'],
  ['a child that is degraded', [{ ...CHILD, status: 'Degraded' }], 'Degraded'],
  ['an object of unknown health', [{ status: 'Unknown' }], 'Unknown'],
] as const satisfies readonly (readonly [string, readonly Given[], HealthStatusCode])[]) {
  test(`[TestSetApplicationHealth] with ${what} an application is ${expected}`, () => {
    assert.equal(applicationHealth(objects.map(judged), SELF), expected)
  })
}
