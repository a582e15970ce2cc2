// Events as a cluster gets them from the recorder.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ManualClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { KubeError, type KubeClient, type ResourceRef, type ResourceType } from '../kube/client/client.ts'
import type { JsonValue, KubeObject } from '../kube/object.ts'
import { createEventRecorder, type EventRecorder } from './events.ts'

const eventsType: ResourceType = {
  group: '',
  version: 'v1',
  resource: 'events',
  kind: 'Event',
  namespaced: true,
  verbs: [],
  subresources: [],
}

interface Scene {
  clock: ManualClock
  recorder: EventRecorder
  created: (KubeObject & Record<string, unknown>)[]
  patched: { name: string; patch: JsonValue }[]
  gone: Set<string>
}

function scene(): Scene {
  const clock = new ManualClock()
  const created: Scene['created'] = []
  const patched: Scene['patched'] = []
  const gone = new Set<string>()
  const scripted = {
    resourceOf: () => Promise.resolve(eventsType),
    create: (_type: ResourceType, object: Scene['created'][number]) => {
      created.push(object)
      return Promise.resolve(object)
    },
    patch: (ref: ResourceRef, _kind: string, patch: JsonValue) => {
      if (gone.has(ref.name)) return Promise.reject(new KubeError(404, 'NotFound', 'gone'))
      patched.push({ name: ref.name, patch })
      return Promise.resolve(created[0])
    },
  }
  // The recorder calls these three alone.
  const client = scripted as unknown as KubeClient
  const recorder = createEventRecorder({ client, clock, log: silentLog, component: 'kubelet', host: 'node-1' })
  return { clock, recorder, created, patched, gone }
}

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'n', name: 'web', uid: 'u1', resourceVersion: '7' },
}

describe('the event recorder', () => {
  test('counts an event that comes again, though its object has changed meanwhile', async () => {
    const { recorder, created, patched } = scene()
    const event = { type: 'Warning', reason: 'Failed', message: 'no', fieldPath: 'spec.containers{web}' } as const

    recorder.record(pod, event)
    recorder.record({ ...pod, metadata: { ...pod.metadata, resourceVersion: '8' } }, event)
    recorder.record(pod, { ...event, fieldPath: 'spec.containers{other}' })
    await recorder.flush()

    assert.equal(created.length, 2)
    assert.deepEqual(
      patched.map(({ patch }) => Object(patch)['count']),
      [2],
    )
  })

  test('writes an event in the shape of upstream', async () => {
    const { recorder, created } = scene()

    recorder.record(pod, { type: 'Normal', reason: 'Pulled', message: 'done', fieldPath: 'spec.containers{web}' })
    await recorder.flush()

    const { metadata, ...rest } = created[0] ?? assert.fail('nothing written')
    assert.match(metadata.name ?? '', /^web\.[0-9a-f]{16}$/)
    assert.equal(metadata.namespace, 'n')
    assert.deepEqual(rest, {
      apiVersion: 'v1',
      kind: 'Event',
      involvedObject: {
        kind: 'Pod',
        namespace: 'n',
        name: 'web',
        uid: 'u1',
        apiVersion: 'v1',
        resourceVersion: '7',
        fieldPath: 'spec.containers{web}',
      },
      reason: 'Pulled',
      message: 'done',
      source: { component: 'kubelet', host: 'node-1' },
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
      count: 1,
      type: 'Normal',
      eventTime: null,
      reportingComponent: 'kubelet',
      reportingInstance: 'node-1',
    })
  })

  test('counts an equal event up instead of writing it again', async () => {
    const { clock, recorder, created, patched } = scene()
    const event = { type: 'Warning', reason: 'BackOff', message: 'again' } as const

    recorder.record(pod, event)
    clock.advance(10_000)
    recorder.record(pod, event)
    recorder.record(pod, event)
    await recorder.flush()

    assert.equal(created.length, 1)
    assert.deepEqual(
      patched.map(({ patch }) => patch),
      [2, 3].map((count) => ({ count, lastTimestamp: '2026-01-01T00:00:10Z', message: 'again' })),
    )
  })

  test('writes anew when the earlier event is gone', async () => {
    const { recorder, created, gone } = scene()
    const event = { type: 'Normal', reason: 'Started', message: 'x' } as const
    recorder.record(pod, event)
    await recorder.flush()
    gone.add(created[0]?.metadata.name ?? '')

    recorder.record(pod, event)
    await recorder.flush()

    assert.deepEqual(
      created.map((one) => one['count']),
      [1, 1],
    )
  })

  test('combines similar events, and drops what is too much', async () => {
    const { recorder, created, patched } = scene()

    for (let number = 1; number <= 40; number++) {
      recorder.record(pod, { type: 'Normal', reason: 'Scaled', message: `to ${number}` })
    }
    await recorder.flush()

    assert.equal(created.length, 10)
    assert.equal(created.at(-1)?.['message'], '(combined from similar events): to 10')
    assert.equal(created.length + patched.length, 25)
  })
})
