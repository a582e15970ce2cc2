// Which changes of live objects have an application looked at again, and how closely.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assessHealth } from '../../health/assess.ts'
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { toLiveResource } from '../../live/live-resource.ts'
import { levelOfChange } from './live-change.ts'

const QUIET = { ignoreStatus: 'all', persistResourceHealth: false } as const
const READING = { applicationOf: () => 'web', health: (object: KubeObject) => assessHealth(object) }

function deployment(status: JsonObject, metadata: KubeObject['metadata'] = {}): ReturnType<typeof toLiveResource> {
  const object = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'web', uid: 'u', generation: 1, ...metadata },
    spec: { replicas: 2 },
    status: { observedGeneration: 1, ...status },
  }
  return toLiveResource(object, READING)
}

const ROLLING = deployment({ replicas: 2, updatedReplicas: 1 })
const FURTHER = deployment({ replicas: 2, updatedReplicas: 2 })
const DONE = deployment({ replicas: 2, updatedReplicas: 2, availableReplicas: 2 })
const EDITED = deployment({ replicas: 2, updatedReplicas: 1 }, { generation: 2 })
const LABELLED = deployment({ replicas: 2, updatedReplicas: 1 }, { labels: { a: 'b' } })

const SCALED = deployment({ replicas: 2, updatedReplicas: 1 }, { generation: 2, annotations: { seen: 'now' } })
const IGNORING = {
  ...QUIET,
  ignoreUpdates: [{ group: 'apps', kind: '*', jsonPointers: ['/metadata/annotations', '/status'] }],
}

for (const [what, next, settings, level] of [
  ['another health message', FURTHER, QUIET, undefined],
  ['another health message that the status repeats', FURTHER, { ...QUIET, persistResourceHealth: true }, 'recent'],
  ['another status field that counts as a difference', FURTHER, { ...QUIET, ignoreStatus: 'none' as const }, 'recent'],
  ['another health', DONE, QUIET, 'recent'],
  ['another spec', EDITED, QUIET, 'recent'],
  ['another label', LABELLED, QUIET, 'recent'],
  ['a field that a rule names', SCALED, IGNORING, undefined],
  ['a field that no rule names', LABELLED, IGNORING, 'recent'],
  ['a health that changes with a field that a rule names', DONE, IGNORING, 'recent'],
  ['nothing at all', undefined, QUIET, 'recent'],
] as const) {
  test(`${what} asks for: ${level ?? 'nothing'}`, () => {
    const change = { old: ROLLING, next, apps: new Set(['web']) }

    assert.equal(levelOfChange(change, settings).root, level)
  })
}
