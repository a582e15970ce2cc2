import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Application } from '../../crds/application.ts'
import { waveHealth } from './child-health.ts'

const destination = { server: 'https://a', namespace: 'web' }
const source = { repoURL: 'https://git/x', path: 'web', targetRevision: 'HEAD' }
const comparedTo = { destination, source }
const SYNCED = { sync: { status: 'Synced', revision: 'r', comparedTo }, health: { status: 'Healthy' } }
const OUT = { sync: { status: 'OutOfSync', revision: 'r', comparedTo }, health: { status: 'Missing' } }
const none = (): undefined => undefined

function child(status: object | undefined, more: object = {}, spec: object = {}): Application {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'child' },
    spec: { project: '', destination, source, syncPolicy: { automated: {} }, ...spec },
    ...(status === undefined ? {} : { status }),
    ...more,
  } as unknown as Application
}

function failed(revision: string): object {
  const operation = { sync: { revision } }
  return { phase: 'Failed', message: 'no', operation, startedAt: '2026-01-01T00:00:00Z', syncResult: { revision } }
}

describe('a wave goes on past an Application', () => {
  const cases: readonly (readonly [says: string, child: Application, status: string | undefined])[] = [
    ['never seen by a controller', child(undefined), 'Progressing'],
    ['synced and healthy', child(SYNCED), 'Healthy'],
    ['synced, not healthy yet', child({ ...SYNCED, health: { status: 'Progressing' } }), 'Progressing'],
    ['synced and degraded', child({ ...SYNCED, health: { status: 'Degraded' } }), 'Degraded'],
    ['synced, health unknown', child({ ...SYNCED, health: { status: 'Unknown' } }), 'Progressing'],
    ['out of sync', child(OUT), 'Progressing'],
    ['out of sync after its sync has failed', child({ ...OUT, operationState: failed('r') }), 'Degraded'],
    ['out of sync after the sync of another revision', child({ ...OUT, operationState: failed('q') }), 'Progressing'],
    ['being synced', child(SYNCED, { operation: { sync: {} } }), 'Progressing'],
    [
      'whose status is of what it asked for before',
      child(SYNCED, {}, { source: { ...source, path: 'x' } }),
      'Progressing',
    ],
    ['that goes elsewhere now', child(SYNCED, {}, { destination: { ...destination, namespace: 'b' } }), 'Progressing'],
    ['that waits for a person', child(OUT, {}, { syncPolicy: {} }), undefined],
    ['whose automation is off', child(OUT, {}, { syncPolicy: { automated: { enabled: false } } }), undefined],
    ['that a person syncs', child(OUT, { operation: { sync: {} } }, { syncPolicy: {} }), 'Progressing'],
    [
      'that breaks a rule of its project',
      child({ ...OUT, conditions: [{ type: 'InvalidSpecError', message: 'no' }] }),
      'Degraded',
    ],
    ['that is no Application', { ...child(SYNCED), spec: { source: 7 } } as unknown as Application, 'Degraded'],
  ]
  for (const [says, application, status] of cases) {
    test(`${says}: ${status ?? 'at once'}`, () => assert.equal(waveHealth(application, none)?.status, status))
  }
})

test('a rule of the settings decides instead, also that there is nothing to wait for', () => {
  const override = (): { status: 'Suspended'; message: string } => ({ status: 'Suspended', message: '' })
  assert.equal(waveHealth(child(SYNCED), override)?.status, 'Suspended')
  assert.equal(
    waveHealth(child(undefined), () => 'none'),
    undefined,
  )
})
