// An application that is deleted in the middle of a sync: its deletion waits for the operation, for a while.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONTROL_NAMESPACE, startDeliveryCluster } from '../support/delivery-cluster.ts'
import { configMap, job } from '../support/manifests.ts'

const APPLICATION = 'argoproj.io/v1alpha1/Application'
const SYNC_OPTIONS = ['CreateNamespace=true']

for (const finalizers of [['resources-finalizer.argocd.argoproj.io'], []]) {
  test(`an application deleted while it syncs leaves no hook that cannot be deleted (${finalizers.length} finalizers)`, async (t) => {
    const files = { 'web/hook.json': job('migrate', { hook: 'PreSync' }), 'web/a.json': configMap('a', '1') }
    const cluster = await startDeliveryCluster(t, { files })
    await cluster.createApplication('web', { syncPolicy: { syncOptions: SYNC_OPTIONS } }, { finalizers })
    await cluster.sync('web', { syncOptions: SYNC_OPTIONS })
    await cluster.eventually(() => cluster.get('batch/v1/Job', 'migrate', 'web'))

    await cluster.delete(APPLICATION, 'web', CONTROL_NAMESPACE)
    await cluster.untilGone(APPLICATION, 'web', CONTROL_NAMESPACE)

    await cluster.eventually(async () => {
      const live = await cluster.get('batch/v1/Job', 'migrate', 'web')
      return live?.metadata.finalizers?.includes('argocd.argoproj.io/hook-finalizer') === true ? undefined : true
    })
    assert.equal(await cluster.get('v1/ConfigMap', 'a', 'web'), undefined)
  })
}
