// Server-side apply and managedFields on built-in kinds, as a real API server answers.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { JsonObject, KubeObject, ObjectMeta } from '../object.ts'
import { builtinSchema, fromOpenApi } from '../schema/schema.ts'
import { ApplyConflictError } from './apply-conflict.ts'
import { applyPatch, managersOf, topLevelFields, updateManagedFields, type WriteOptions } from './field-manager.ts'
import { pathsOf, formatPath } from './field-set.ts'
import { MAX_UPDATE_MANAGERS, ownedFields } from './managed-fields.ts'

const NOW = Date.parse('2026-01-02T03:04:05.678Z')
const LATER = Date.parse('2026-01-02T03:05:00Z')

function options(manager: string, extra: Partial<WriteOptions> = {}): WriteOptions {
  return {
    manager,
    schema: builtinSchema({ group: 'apps', version: 'v1', kind: 'Deployment' }),
    apiVersion: 'apps/v1',
    nowMs: NOW,
    resetFields: topLevelFields('status'),
    ...extra,
  }
}

function deployment(spec: JsonObject, metadata: ObjectMeta = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', namespace: 'n', ...metadata },
    spec,
  } as KubeObject
}

function container(fields: JsonObject): JsonObject {
  return { template: { spec: { containers: [{ name: 'c', ...fields }] } } }
}

function entriesOf(object: KubeObject): readonly JsonObject[] {
  return object.metadata.managedFields ?? []
}

describe('server-side apply', () => {
  test('owns what it sets, with list keys filled in from defaults', () => {
    const patch = deployment({ replicas: 2, ...container({ image: 'a:1', ports: [{ containerPort: 80 }] }) })

    const { object } = applyPatch(undefined, patch, { ...options('one'), force: false })

    assert.deepEqual(entriesOf(object), [
      {
        manager: 'one',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        time: '2026-01-02T03:04:05Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            'f:replicas': {},
            'f:template': {
              'f:spec': {
                'f:containers': {
                  'k:{"name":"c"}': {
                    '.': {},
                    'f:image': {},
                    'f:name': {},
                    'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
                  },
                },
              },
            },
          },
        },
      },
    ])
  })

  test('reports one conflict in the words of the API server', () => {
    const { object: live } = applyPatch(undefined, deployment(container({ image: 'a:1' })), {
      ...options('x'),
      force: false,
    })
    const patch = deployment(container({ image: 'a:2' }))

    assert.throws(
      () => applyPatch(live, patch, { ...options('y'), force: false }),
      (error) => {
        assert.ok(error instanceof ApplyConflictError)
        const field = '.spec.template.spec.containers[name="c"].image'
        assert.equal(error.message, `Apply failed with 1 conflict: conflict with "x": ${field}`)
        assert.deepEqual(error.causes, [{ reason: 'FieldManagerConflict', message: 'conflict with "x"', field }])
        return true
      },
    )
  })

  test('lists several conflicts by manager, and how an update wrote them', () => {
    const created = updateManagedFields(undefined, deployment({ replicas: 1, paused: true }), options('kubectl-create'))
    const scaled = updateManagedFields(
      created,
      deployment({ replicas: 3, paused: true }, { ...created.metadata }),
      options('scaler', { subresource: 'scale' }),
    )

    assert.throws(
      () => applyPatch(scaled, deployment({ replicas: 5, paused: false }), { ...options('y'), force: false }),
      {
        message: [
          'Apply failed with 2 conflicts: conflicts with "kubectl-create" using apps/v1:',
          '- .spec.paused',
          'conflicts with "scaler" with subresource "scale" using apps/v1:',
          '- .spec.replicas',
        ].join('\n'),
      },
    )
  })

  test('takes over with force, and the other manager loses the field', () => {
    const { object: live } = applyPatch(undefined, deployment({ replicas: 1, paused: true }), {
      ...options('x'),
      force: false,
    })

    const { object } = applyPatch(live, deployment({ replicas: 2 }), { ...options('y'), force: true, nowMs: LATER })

    const owned = (manager: string): string[] => [...pathsOf(ownedFields(entriesOf(object), manager))].map(formatPath)
    assert.deepEqual([owned('x'), owned('y')], [['.spec.paused'], ['.spec.replicas']])
    assert.equal((object as unknown as { spec: JsonObject }).spec['replicas'], 2)
  })

  test('removes what the manager no longer names and nobody else owns', () => {
    const first = deployment(
      container({
        image: 'a:1',
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      }),
    )
    const { object: live } = applyPatch(undefined, first, { ...options('x'), force: false })
    const { object: shared } = applyPatch(live, deployment(container({ env: [{ name: 'B', value: '2' }] })), {
      ...options('y'),
      force: false,
    })

    const { object } = applyPatch(shared, deployment(container({ image: 'a:1' })), { ...options('x'), force: false })

    assert.deepEqual(
      (object as unknown as { spec: JsonObject }).spec,
      container({ image: 'a:1', env: [{ name: 'B', value: '2' }] }),
    )
  })

  test('changes nothing, times neither, when the same is applied again', () => {
    const patch = deployment({ replicas: 2, ...container({ image: 'a:1' }) })
    const { object: live } = applyPatch(undefined, patch, { ...options('x'), force: false })

    const { object, isNoop } = applyPatch(live, patch, { ...options('x'), force: false, nowMs: LATER })

    assert.equal(isNoop, true)
    assert.deepEqual(object, live)
  })

  test('gives what was there before to before-first-apply', () => {
    const live = deployment({ replicas: 1 }, { uid: 'u' })

    const { object } = applyPatch(live, deployment({ paused: true }), { ...options('x'), force: false })

    assert.deepEqual(
      managersOf(object).map(({ manager, operation }) => [manager, operation]),
      [
        ['x', 'Apply'],
        ['before-first-apply', 'Update'],
      ],
    )
  })

  test('refuses a wrong version, a wrong kind, managedFields and unknown fields', () => {
    const apply = (patch: JsonObject): unknown =>
      applyPatch(deployment({}), { ...deployment({}), ...patch } as unknown as KubeObject, {
        ...options('x'),
        force: false,
      })

    assert.throws(() => apply({ apiVersion: 'apps/v2' }), {
      message: 'Incorrect version specified in apply patch. Specified patch version: apps/v2, expected: apps/v1',
    })
    assert.throws(() => apply({ kind: 'Pod' }), { message: 'invalid object type: apps/v1, Kind=Pod' })
    assert.throws(() => apply({ metadata: { name: 'd', managedFields: [] } }), {
      message: 'metadata.managedFields must be nil',
    })
    assert.throws(() => apply({ spec: { foo: 1 } }), {
      message:
        'failed to create typed patch object (n/d; apps/v1, Kind=Deployment): .spec.foo: field not declared in schema',
    })
    assert.throws(
      () => apply({ spec: container({ env: [{ name: 'A' }, { name: 'A' }] }) }),
      /\.spec\.template\.spec\.containers\[name="c"\]\.env: duplicate entries for key \[name="A"\]/,
    )
  })

  test('lets kubectl take over what its last-applied annotation says', () => {
    const applied = JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd', namespace: 'n' },
      spec: { replicas: 1 },
    })
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': applied }
    const live = updateManagedFields(
      undefined,
      deployment({ replicas: 1 }, { annotations }),
      options('kubectl-client-side-apply'),
    )

    const { object } = applyPatch(live, deployment({ replicas: 2 }), { ...options('kubectl'), force: false })

    const text = object.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration']
    assert.equal(text, `${applied.replace('"replicas":1', '"replicas":2')}\n`)
  })

  test('merges custom resources by their schema, and metadata as in every object', () => {
    const schema = fromOpenApi({
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: { list: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' } },
        },
      },
    })
    const make = (list: string[], finalizers: string[]): KubeObject =>
      ({ apiVersion: 'e.com/v1', kind: 'Thing', metadata: { name: 't', finalizers }, spec: { list } }) as KubeObject
    const custom = { schema, apiVersion: 'e.com/v1', force: false }
    const { object: live } = applyPatch(undefined, make(['a'], ['f/x']), { ...options('x'), ...custom })

    const { object } = applyPatch(live, make(['b'], ['f/y']), { ...options('y'), ...custom })

    assert.deepEqual((object as unknown as { spec: JsonObject }).spec, { list: ['a', 'b'] })
    assert.deepEqual(object.metadata.finalizers, ['f/x', 'f/y'])
  })
})

describe('other writes', () => {
  test('own what they set at creation, but no struct that is always there', () => {
    const object = deployment(
      { replicas: 1, strategy: { rollingUpdate: { maxSurge: 1 } }, ...container({ image: 'a' }) },
      { labels: { a: 'b' } },
    )

    const { metadata } = updateManagedFields(undefined, object, options('creator'))

    assert.deepEqual(metadata.managedFields?.[0]?.['fieldsV1'], {
      'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
      'f:spec': {
        'f:replicas': {},
        'f:strategy': { 'f:rollingUpdate': { '.': {}, 'f:maxSurge': {} } },
        'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {}, 'f:name': {} } } } },
      },
    })
  })

  test('add to their entry, take from others, and keep the time where nothing changes', () => {
    const created = updateManagedFields(undefined, deployment({ replicas: 1 }), options('a'))
    const changed = updateManagedFields(
      created,
      deployment({ replicas: 2, paused: true }, { ...created.metadata }),
      options('b', { nowMs: LATER }),
    )
    const again = updateManagedFields(changed, { ...changed }, options('b', { nowMs: LATER + 60_000 }))

    assert.deepEqual(
      entriesOf(changed).map(({ manager, fieldsV1 }) => [manager, fieldsV1]),
      [['b', { 'f:spec': { 'f:paused': {}, 'f:replicas': {} } }]],
    )
    assert.deepEqual(again, changed)
  })

  test('record the subresource, and own nothing that the endpoint resets', () => {
    const created = updateManagedFields(undefined, deployment({ replicas: 1 }), options('a'))
    const withStatus = { ...created, status: { replicas: 1 } } as unknown as KubeObject
    const status = { subresource: 'status', resetFields: topLevelFields('spec') }

    const main = updateManagedFields(created, withStatus, options('b'))
    const sub = updateManagedFields(created, withStatus, options('b', status))

    assert.deepEqual(managersOf(main), managersOf(created))
    assert.deepEqual(entriesOf(sub).at(-1), {
      manager: 'b',
      operation: 'Update',
      apiVersion: 'apps/v1',
      time: '2026-01-02T03:04:05Z',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:status': { 'f:replicas': {} } },
      subresource: 'status',
    })
  })

  test('are reset by an empty list, and stay unmanaged', () => {
    const created = updateManagedFields(undefined, deployment({ replicas: 1 }), options('a'))

    const reset = updateManagedFields(created, deployment({ replicas: 1 }, { managedFields: [{}] }), options('b'))
    const after = updateManagedFields(reset, deployment({ replicas: 2 }), options('b'))

    assert.equal(reset.metadata.managedFields, undefined)
    assert.equal(after.metadata.managedFields, undefined)
  })

  test('are capped: the oldest entries become ancient-changes', () => {
    let object = updateManagedFields(undefined, deployment({ replicas: 0 }), options('m0'))
    for (let index = 1; index <= MAX_UPDATE_MANAGERS + 2; index++) {
      const annotations = { ...object.metadata.annotations, [`a${index}`]: 'x' }
      const next = deployment({ replicas: 0 }, { ...object.metadata, annotations })
      object = updateManagedFields(object, next, options(`m${index}`, { nowMs: NOW + index * 1000 }))
    }

    const names = managersOf(object).map(({ manager }) => manager)
    assert.equal(names.length, MAX_UPDATE_MANAGERS)
    assert.equal(names[0], 'ancient-changes')
    assert.deepEqual([...pathsOf(ownedFields(entriesOf(object), 'ancient-changes'))].map(formatPath), [
      '.metadata.annotations',
      '.metadata.annotations.a1',
      '.metadata.annotations.a2',
      '.metadata.annotations.a3',
      '.spec.replicas',
    ])
  })
})
