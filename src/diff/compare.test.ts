import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '../kube/object.ts'
import { compareObject, isModified } from './compare.ts'
import type { DiffOptions, IgnoreRule } from './contract.ts'

function configMap(data: object, more: object = {}): KubeObject {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'n', ...more }, data }
  return object
}

function lastApplied(object: object): object {
  return { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(object) } }
}

function deployment(container: object, spec: object = {}): KubeObject {
  const template = {
    metadata: { labels: { app: 'a' } },
    spec: { containers: [{ name: 'c', image: 'i', ...container }] },
  }
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { template, ...spec } }
  return object
}

const always: IgnoreRule = { group: '', kind: 'ConfigMap' }

interface Case {
  readonly says: string
  readonly wanted: KubeObject
  readonly live: KubeObject
  readonly options?: DiffOptions
  readonly modified: boolean
}

const cases: readonly Case[] = [
  {
    says: '[001-14] fields that only the cluster has are no difference',
    wanted: configMap({ a: '1' }),
    live: configMap({ a: '1' }, { uid: 'u', resourceVersion: '7', labels: { added: 'by hand' } }),
    modified: false,
  },
  { says: '[002-11] another value is one', wanted: configMap({ a: '2' }), live: configMap({ a: '1' }), modified: true },
  {
    says: 'a field that was applied once and is wanted no more is one',
    wanted: configMap({ a: '1' }),
    live: configMap({ a: '1', b: '2' }, lastApplied(configMap({ a: '1', b: '2' }))),
    modified: true,
  },
  {
    says: 'the same field added by others is none',
    wanted: configMap({ a: '1' }),
    live: configMap({ a: '1', b: '2' }, lastApplied(configMap({ a: '1' }))),
    modified: false,
  },
  {
    says: 'a last-applied text that does not parse counts as absent',
    wanted: configMap({ a: '1' }),
    live: configMap({ a: '1', b: '2' }, { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{' } }),
    modified: false,
  },
  {
    says: 'a quantity written otherwise is none',
    wanted: deployment({ resources: { limits: { cpu: 1, memory: '1024Mi' } } }),
    live: deployment({ resources: { limits: { cpu: '1000m', memory: '1Gi' } } }),
    modified: false,
  },
  {
    says: 'an empty list and a zero that Go leaves out are none',
    wanted: deployment({ env: [], tty: false, workingDir: '' }, { minReadySeconds: 0 }),
    live: deployment({}),
    modified: false,
  },
  {
    says: 'a false that is a value of its own is one',
    wanted: deployment({ securityContext: { readOnlyRootFilesystem: false } }),
    live: deployment({ securityContext: { readOnlyRootFilesystem: true } }),
    modified: true,
  },
  {
    says: 'a container added by others is none',
    wanted: deployment({}),
    live: {
      ...deployment({}),
      spec: {
        template: {
          metadata: { labels: { app: 'a' } },
          spec: { containers: [{ name: 'c', image: 'i' }, { name: 'x' }] },
        },
      },
    } as KubeObject,
    modified: false,
  },
  {
    says: '[TestNormalizeObjectWithMatchedGroupKind] [002-12] a field behind a JSON pointer is hidden',
    wanted: configMap({ 'a/b': '1', c: '1' }),
    live: configMap({ 'a/b': '2', c: '1' }),
    options: { ignore: [{ ...always, jsonPointers: ['/data/a~1b', '/data/absent/deeper'] }] },
    modified: false,
  },
  {
    says: 'a rule for another name hides nothing',
    wanted: configMap({ a: '1' }),
    live: configMap({ a: '2' }),
    options: { ignore: [{ ...always, name: 'other', jsonPointers: ['/data/a'] }] },
    modified: true,
  },
  {
    says: '[TestNormalizeGlobMatch] kinds of rules are globs',
    wanted: configMap({ a: '1' }),
    live: configMap({ a: '2' }),
    options: { ignore: [{ group: '*', kind: 'Config*', namespace: 'n', jsonPointers: ['/data/a'] }] },
    modified: false,
  },
  {
    says: 'a jq expression is handed on',
    wanted: configMap({ a: '1' }),
    live: configMap({ a: '2' }),
    options: {
      ignore: [{ ...always, jqPathExpressions: ['.data'] }],
      deleteByJq: ({ apiVersion, kind, metadata }) => ({ apiVersion, kind, metadata }),
    },
    modified: false,
  },
  {
    says: 'what a trusted manager owns is hidden',
    wanted: deployment({}, { replicas: 1 }),
    live: {
      ...deployment({}, { replicas: 5 }),
      metadata: {
        name: 'd',
        managedFields: [{ manager: 'scaler', fieldsV1: { 'f:spec': { 'f:replicas': {} } } }],
      },
    },
    options: { ignore: [{ group: 'apps', kind: 'Deployment', managedFieldsManagers: ['scaler'] }] },
    modified: false,
  },
  {
    says: 'a CustomResourceDefinition is compared as a custom resource',
    wanted: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'x' } },
    live: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'x', uid: 'u' },
    },
    modified: false,
  },
]

describe('comparing a wanted object with the live one', () => {
  for (const { says, wanted, live, options, modified } of cases) {
    test(says, () => assert.equal(isModified(wanted, live, options), modified))
  }
})

test('what is to be created is modified, what is superfluous is not', () => {
  const only = configMap({ a: '1' })

  assert.deepEqual(compareObject(only, undefined), { isModified: true, predictedLive: only })
  assert.deepEqual(compareObject(undefined, only), { isModified: false, normalizedLive: only })
  assert.throws(() => compareObject(undefined, undefined), { code: 'internal' })
})

test('comparing changes neither side', () => {
  const wanted = deployment({ resources: { limits: { cpu: 1 } } })
  const live = deployment({ resources: { limits: { cpu: '500m' } } })
  const before = structuredClone([wanted, live])

  compareObject(wanted, live)

  assert.deepEqual([wanted, live], before)
})

test('defaults are applied to both sides of built-in kinds', () => {
  const seen: KubeObject[] = []
  const applyDefaults = (object: KubeObject): KubeObject => {
    seen.push(object)
    return { ...object, immutable: false } as KubeObject
  }

  const difference = compareObject(configMap({ a: '1' }), configMap({ a: '1' }), { applyDefaults })

  assert.equal(seen.length, 2)
  assert.equal(difference.isModified, false)
  assert.deepEqual(difference.predictedLive, { ...configMap({ a: '1' }), immutable: false })
})

test('an object with the sync option is compared as a server-side apply would change it', () => {
  const fieldsV1 = { 'f:data': { 'f:a': {}, 'f:b': {} } }
  const who = { manager: 'argocd-controller', operation: 'Apply', apiVersion: 'v1' }
  const own = { ...who, fieldsType: 'FieldsV1', fieldsV1 }
  const metadata = { annotations: { 'argocd.argoproj.io/sync-options': 'ServerSideApply=true' } }
  const live = configMap({ a: '1', b: '2', c: '3' }, { ...metadata, managedFields: [own] })

  const difference = compareObject(configMap({ a: '1' }, metadata), live)

  assert.equal(difference.isModified, true)
  assert.deepEqual((difference.predictedLive as unknown as { data: object }).data, { a: '1', c: '3' })
})

test('bad rules and a missing dry run are refused with what to do', () => {
  const pair = [configMap({}), configMap({})] as const

  assert.throws(() => compareObject(...pair, { ignore: [{ ...always, jsonPointers: ['data'] }] }), {
    code: 'bad-input',
    message: 'ignoreDifferences: JSON pointer "data" must begin with /',
  })
  assert.throws(() => compareObject(...pair, { ignore: [{ ...always, jqPathExpressions: ['.a'] }] }), {
    code: 'unsupported',
  })
  assert.throws(() => compareObject(...pair, { mode: 'server-side' }), { code: 'precondition' })
  assert.throws(() => compareObject(...pair, { mode: 'server-side', dryRunResult: configMap({}) }), {
    message: /ConfigMap\/c: the dry run names no field of manager argocd-controller/,
  })
})

test('an object that does not fit its type gets no defaults, for the server would refuse it', () => {
  const applyDefaults = (object: KubeObject): KubeObject => ({ ...object, defaulted: true }) as KubeObject

  const difference = compareObject(deployment({}, { replicas: 'two' }), deployment({}, { replicas: 2 }), {
    applyDefaults,
  })

  assert.equal(Object.hasOwn(difference.predictedLive ?? {}, 'defaulted'), false)
  assert.equal(Object.hasOwn(difference.normalizedLive ?? {}, 'defaulted'), true)
})

test('a workload of a removed API version is compared by today’s type', () => {
  const old = (cpu: string): KubeObject => ({
    ...deployment({ resources: { limits: { cpu } } }),
    apiVersion: 'apps/v1beta1',
  })
  const seen: string[] = []
  const applyDefaults = (object: KubeObject): KubeObject => {
    seen.push(object.apiVersion)
    return object
  }

  const difference = compareObject(old('1000m'), old('1'), { applyDefaults })

  assert.equal(difference.isModified, false)
  assert.equal(difference.predictedLive?.apiVersion, 'apps/v1beta1')
  assert.deepEqual(seen, ['apps/v1', 'apps/v1'])
})
