import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { KubeObject } from '../kube/object.ts'
import { parseYaml } from '../lang/yaml/read.ts'
import { parseNotificationsConfig } from './config.ts'
import { Facts } from './facts.ts'
import { Templates } from './templates.ts'
import { Triggers } from './triggers.ts'
import { createSubject, variablesFor } from './variables.ts'

const FILE = join(import.meta.dirname, '../../examples/notifications/install.yaml')
const NOW = Date.parse('2026-03-04T05:06:07Z')
const NAMES = 'created deleted deployed health-degraded sync-failed sync-running sync-status-unknown sync-succeeded'
const configMap: unknown = parseYaml(readFileSync(FILE, 'utf8'))
const config = parseNotificationsConfig(configMap as KubeObject, undefined, 'argocd') // a ConfigMap it is

const NEW = { sync: { status: 'OutOfSync' }, health: { status: 'Missing' } }
const OPERATION = {
  startedAt: '2026-03-04T05:04:00Z',
  finishedAt: '2026-03-04T05:05:30Z',
  message: 'said "no"\n',
  syncResult: { revision: 'abc' },
}

function applicationWith(status: object, metadata: object = {}): KubeObject {
  const own = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' }
  return { ...own, metadata: { name: 'web', namespace: 'argocd', ...metadata }, spec: {}, status } as KubeObject
}

function ended(phase: string, health: string, sync = 'Synced'): object {
  return {
    sync: { status: sync, revision: 'abc' },
    health: { status: health, lastTransitionTime: '2026-03-04T05:05:00Z' },
    operationState: { ...OPERATION, phase },
    conditions: [{ type: 'ComparisonError', message: 'a "quoted"\nline' }],
  }
}

const CASES: readonly (readonly [string, KubeObject, readonly string[]])[] = [
  ['a new one', applicationWith(NEW), []],
  ['one being deleted', applicationWith(NEW, { deletionTimestamp: '2026-03-04T05:06:07Z' }), ['on-deleted']],
  ['one being synced', applicationWith(ended('Running', 'Progressing')), ['on-sync-running']],
  [
    'one that is synced and healthy',
    applicationWith(ended('Succeeded', 'Healthy')),
    ['on-deployed', 'on-sync-succeeded'],
  ],
  [
    'one that is synced and ill',
    applicationWith(ended('Succeeded', 'Degraded')),
    ['on-health-degraded', 'on-sync-succeeded'],
  ],
  ['one whose sync failed', applicationWith(ended('Failed', 'Missing')), ['on-sync-failed']],
  [
    'one nobody knows',
    applicationWith(ended('Error', 'Unknown', 'Unknown')),
    ['on-sync-failed', 'on-sync-status-unknown'],
  ],
]

describe('the standard triggers and templates', () => {
  test('are eight of each', () => {
    assert.deepEqual([...config.faults], [])
    assert.deepEqual(
      [...config.triggers.keys()].toSorted(),
      NAMES.split(' ').map((name) => `on-${name}`),
    )
    assert.deepEqual(
      [...config.templates.keys()].toSorted(),
      NAMES.split(' ').map((name) => `app-${name}`),
    )
  })

  for (const [what, object, wanted] of CASES) {
    test(`tell of ${what}`, () => {
      const subject = createSubject({ object, facts: new Facts(), nowMs: () => NOW })
      const variables = variablesFor(subject, config, { hidesSecrets: false })
      const triggers = new Triggers(config.triggers, () => NOW)
      const templates = new Templates(config.templates, () => NOW)

      const told = [...config.triggers.keys()].filter((name) => triggers.run(name, variables)[0]?.isTriggered)
      assert.deepEqual(told.toSorted(), [...wanted, 'on-created'].toSorted())
      for (const name of told) {
        const { message, blocks } = templates.render([name.replace('on-', 'app-')], variables)
        assert.match(message, /application web/i)
        for (const text of [
          blocks['slack']?.['attachments'],
          blocks['teams']?.['facts'],
          blocks['teams']?.['potentialAction'],
        ]) {
          if (typeof text === 'string') assert.ok(Array.isArray(JSON.parse(text)))
        }
      }
    })
  }
})
