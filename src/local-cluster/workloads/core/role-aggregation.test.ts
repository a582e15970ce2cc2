// Aggregated roles on the embedded cluster: the standard ones fill up, and a new part reaches the whole.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startScene } from '../../../../test/support/cluster-scene.ts'
import { aggregatedRules } from './role-aggregation.ts'

const GROUP = 'rbac.authorization.k8s.io'
const rule = (resource: string): { apiGroups: string[]; resources: string[]; verbs: string[] } => ({
  apiGroups: [''],
  resources: [resource],
  verbs: ['get'],
})

function role(name: string, label: string, rules: object[]): Parameters<typeof aggregatedRules>[0] {
  const metadata = { name, labels: { part: label } }
  return { apiVersion: `${GROUP}/v1`, kind: 'ClusterRole', metadata, rules: rules as never } // rules hold JSON only
}

test('the rules of selected roles come by name, each once, and a role does not select itself', () => {
  const whole = { ...role('whole', 'x', [rule('old')]), aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: 'x' } }] } } // prettier-ignore
  const parts = [role('b', 'x', [rule('pods'), rule('nodes')]), role('a', 'x', [rule('nodes')]), role('c', 'y', [rule('no')]), whole] // prettier-ignore

  assert.deepEqual(aggregatedRules(whole, parts), [rule('nodes'), rule('pods')])
})

test('a role labelled for view reaches view, and through it edit and admin', async (t) => {
  const scene = await startScene(t)
  const labels = { [`${GROUP}/aggregate-to-view`]: 'true' }
  const part = { apiVersion: `${GROUP}/v1`, kind: 'ClusterRole', metadata: { name: 'widgets', labels }, rules: [rule('widgets')] } // prettier-ignore
  await scene.create(part)

  for (const name of ['view', 'edit', 'admin']) {
    const found = await scene.until(await scene.ref(GROUP, 'ClusterRole', name), (one) => JSON.stringify(one).includes('widgets')) // prettier-ignore

    assert.ok(JSON.stringify(found).includes('configmaps'), `${name} has the standard rules too`)
  }
})
