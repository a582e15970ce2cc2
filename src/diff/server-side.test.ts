// A dry run is told apart from what webhooks and others changed in it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject, KubeObject } from '../kube/object.ts'
import { compareObject } from './compare.ts'

const OURS = { manager: 'argocd-controller', operation: 'Apply', apiVersion: 'example.com/v1', fieldsType: 'FieldsV1' }

function widget(spec: JsonObject, fields?: JsonObject): KubeObject {
  const managedFields = fields === undefined ? [] : [{ ...OURS, fieldsV1: { 'f:spec': fields } }]
  return {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w', managedFields },
    spec,
  } as unknown as KubeObject
}

const CONFIGURATION: JsonObject = { 'f:configuration': { 'f:value': {} } }

test('facts 8 [TestServerSideDiff]: what is to be created or is too much needs no dry run', () => {
  const created = compareObject(widget({}), undefined, { mode: 'server-side' })
  const extra = compareObject(undefined, widget({}), { mode: 'server-side' })

  assert.deepEqual([created.isModified, extra.isModified], [true, false])
})

test('facts 8 [TestExcludeManagerOwnedAncestors]: a field of ours stays where only its leaf is ours, one of a webhook goes', () => {
  const live = widget({ configuration: { value: 'old' } }, CONFIGURATION)
  const dryRunResult = widget({ configuration: { value: 'new' }, injected: { a: 1 } }, CONFIGURATION)
  const wanted = widget({ configuration: { value: 'new' } })

  const without = compareObject(wanted, live, { mode: 'server-side', dryRunResult })
  const withWebhooks = compareObject(wanted, live, { mode: 'server-side', dryRunResult, includeMutationWebhook: true })

  assert.equal(without.isModified, true)
  assert.deepEqual(specOf(without.predictedLive), { configuration: { value: 'new' } })
  assert.deepEqual(specOf(withWebhooks.predictedLive), { configuration: { value: 'new' }, injected: { a: 1 } })
})

function specOf(object: KubeObject | undefined): unknown {
  return (object as unknown as { spec?: unknown } | undefined)?.spec
}
