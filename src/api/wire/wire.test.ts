import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { newBuffer, writePart, writtenBytes } from '../../kube/protobuf/wire-writer.ts'
import { routes } from '../routes.ts'
import { decodeNamed } from './decode.ts'
import { encodeNamed } from './encode.ts'
import { MAX_MESSAGE_DEPTH, requireDepth } from './limits.ts'
import { planOf } from './plan.ts'

interface RoundTrip {
  readonly what: string
  readonly message: readonly [packageName: string, name: string]
  readonly value: Readonly<Record<string, unknown>>
  /** What comes back, where that differs. */
  readonly back?: Readonly<Record<string, unknown>>
}

const roundTrips: readonly RoundTrip[] = [
  {
    what: 'times, maps, inline messages and lists of an application',
    message: ['application', 'v1alpha1.Application'],
    value: {
      metadata: {
        name: 'web',
        creationTimestamp: '2026-01-02T03:04:05Z',
        labels: { a: 'b', c: '' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u', controller: false }],
        managedFields: [{ manager: 'm', fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': {} } }],
      },
      spec: {
        project: '',
        destination: {},
        source: {
          repoURL: 'https://git.example/a',
          helm: { valuesObject: { replicas: 9_007_199_254_740_993n } },
          kustomize: {
            replicas: [
              { name: 'a', count: 3 },
              { name: 'b', count: '50%' },
            ],
          },
          plugin: {
            parameters: [
              { name: 'p', map: { x: 'y' } },
              { name: 'q', array: ['1'] },
              { name: 'r', string: '' },
            ],
          },
        },
        revisionHistoryLimit: 0,
        syncPolicy: { automated: { prune: false }, retry: { limit: -1 } },
      },
      operation: { sync: { syncStrategy: { hook: { force: true } } } },
    },
  },
  {
    what: 'presence of flags in proto2',
    message: ['application', 'ApplicationSyncRequest'],
    value: { name: 'web', prune: false, dryRun: false, sourcePositions: [1, 2], strategy: { apply: {} } },
  },
  {
    what: 'zero values that Go writes for what is not there',
    message: ['project', 'ProjectCreateRequest'],
    value: { project: { metadata: { name: 'p', namespace: '' }, spec: { description: '' } }, upsert: false },
    back: { project: { metadata: { name: 'p' }, spec: {} } },
  },
  {
    what: 'microseconds of events',
    message: ['application', 'events.EventList'],
    value: { metadata: {}, items: [{ eventTime: '2026-01-02T03:04:05.000006Z', count: 2, metadata: { uid: 'u' } }] },
  },
  {
    what: 'bytes',
    message: ['cluster', 'v1alpha1.Cluster'],
    value: { config: { tlsClientConfig: { caData: 'AAEC' } }, shard: 0 },
  },
  {
    what: 'maps of messages',
    message: ['cluster', 'Settings'],
    value: {
      resourceOverrides: { 'apps/Deployment': { actions: 'x' } },
      oidcConfig: { idTokenClaims: { a: { essential: true } } },
    },
  },
]

describe('the wire', () => {
  test('knows the messages of every call, and those within them', () => {
    const seen = new Set<string>()
    const walk = (packageName: string, name: string): void => {
      const plan = planOf(packageName, name)
      const key = `${packageName} ${name}`
      if (seen.has(key)) return
      seen.add(key)
      for (const { kind, message } of plan.descending) if (kind === 'message') walkPlan(message)
    }
    const plans = new Set<unknown>()
    const walkPlan = (message: () => ReturnType<typeof planOf>): void => {
      const plan = message()
      if (plans.has(plan)) return
      plans.add(plan)
      for (const field of plan.descending) if (field.kind === 'message') walkPlan(field.message)
    }
    for (const { service, input, output } of routes) {
      const [packageName = ''] = service.split('.')
      walk(packageName, input)
      walk(packageName, output)
    }
    assert.ok(seen.size > 100, String(seen.size))
    assert.ok(plans.size > 150, String(plans.size))
  })

  for (const { what, message, value, back = value } of roundTrips) {
    test(`gives back ${what}`, () => {
      assert.deepEqual(decodeNamed(...message, encodeNamed(...message, value)), back)
    })
  }

  test('writes what Go writes', () => {
    // As google.golang.org/protobuf encodes SessionCreateRequest{Username: "admin", Password: "p"}.
    const bytes = encodeNamed('session', 'SessionCreateRequest', { username: 'admin', password: 'p' })
    assert.equal(Buffer.from(bytes).toString('hex'), '0a0561646d696e120170')
  })

  test('refuses a message without a required field, and writes none', () => {
    assert.throws(() => decodeNamed('application', 'ApplicationDeleteRequest', new Uint8Array()), {
      code: 'bad-input',
      message: 'proto: required field "name" not set',
    })
    const entry = encodeNamed('application', 'LogEntry', { content: 'line' })
    assert.deepEqual(decodeNamed('application', 'LogEntry', entry), {
      content: 'line',
      last: false,
      timeStampStr: '',
      podName: '',
    })
  })

  test('leaves out fields that nobody knows', () => {
    const buffer = newBuffer(64)
    writePart(buffer, 1, Buffer.from('web'))
    writePart(buffer, 4000, Buffer.from('new'))
    assert.deepEqual(decodeNamed('application', 'ApplicationQuery', writtenBytes(buffer)), { name: 'web' })
  })

  test('answers bytes that end early with a message or an error of its own', () => {
    const bytes = encodeNamed('application', 'v1alpha1.Application', {
      metadata: { name: 'web' },
      spec: { project: 'p' },
    })
    for (let length = 1; length < bytes.length; length++) {
      try {
        decodeNamed('application', 'v1alpha1.Application', bytes.subarray(0, length))
      } catch (error) {
        assert.match(String(error), /malformed/)
      }
    }
  })

  test('refuses what is nested too deep', () => {
    requireDepth(MAX_MESSAGE_DEPTH)
    assert.throws(() => requireDepth(MAX_MESSAGE_DEPTH + 1), { code: 'limit' })
  })

  test('names a field whose value does not fit, without the value', () => {
    assert.throws(() => encodeNamed('session', 'SessionResponse', { token: 5 }), {
      code: 'internal',
      message: 'token: a number does not fit type string',
    })
  })
})
