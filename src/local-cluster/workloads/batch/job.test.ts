// Jobs with policies on the embedded cluster.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { conditionsOf, startScene, type Loose } from '../../../../test/support/cluster-scene.ts'

function job(name: string, spec: object, annotations: Readonly<Record<string, string>> = {}): Loose {
  const containers = [{ name: 'main', image: 'busybox' }]
  const template = { metadata: { annotations }, spec: { restartPolicy: 'Never', containers } }
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template, ...spec } }
}

function finished(object: Loose | undefined): string | undefined {
  return conditionsOf(object).find(({ type }) => type === 'Failed' || type === 'Complete')?.reason
}

const EXITS = { 'capstan.dev/exit-after': '10ms', 'capstan.dev/exit-code': '42' }
const LASTS = { 'capstan.dev/exit-after': '1h' }

describe('Jobs with policies', () => {
  test('let every index fail by itself', async (t) => {
    const scene = await startScene(t)
    const spec = { completionMode: 'Indexed', completions: 3, parallelism: 3, backoffLimitPerIndex: 0 }
    await scene.create(job('apart', spec, EXITS))

    const over = await scene.until(await scene.ref('batch', 'Job', 'apart'), (one) => finished(one) !== undefined)

    assert.deepEqual(
      [finished(over), over?.status?.['failedIndexes'], over?.status?.['failed']],
      ['FailedIndexes', '0-2', 3],
    )
  })

  test('end at once for an exit code that says so', async (t) => {
    const scene = await startScene(t)
    const rules = [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }]
    await scene.create(job('fatal', { podFailurePolicy: { rules }, backoffLimit: 9 }, EXITS))

    const over = await scene.until(await scene.ref('batch', 'Job', 'fatal'), (one) => finished(one) !== undefined)

    assert.equal(finished(over), 'PodFailurePolicy')
    assert.match(
      JSON.stringify(over?.status),
      /Container main for pod default\/fatal-[a-z0-9]+ failed with exit code 42 matching FailJob rule at index 0/,
    )
  })

  test('count nothing for pods that go when they are suspended, and start anew', async (t) => {
    const scene = await startScene(t)
    await scene.create(job('pausing', { completions: 2, parallelism: 2, backoffLimit: 0 }, LASTS))
    const ref = await scene.ref('batch', 'Job', 'pausing')
    await scene.until(ref, (one) => one?.status?.['ready'] === 2)

    await scene.client.patch(ref, 'merge', { spec: { suspend: true } })
    await scene.until(ref, (one) => one?.status?.['active'] === undefined && one?.status?.['terminating'] === 0)
    await scene.client.patch(ref, 'merge', { spec: { suspend: false } })
    const again = await scene.until(ref, (one) => one?.status?.['ready'] === 2)

    assert.deepEqual([again?.status?.['failed'], finished(again)], [undefined, undefined])
  })

  test('are left to another controller that manages them', async (t) => {
    const scene = await startScene(t)
    await scene.create(job('foreign', { managedBy: 'example.com/other' }))
    await scene.create(job('own', {}, { 'capstan.dev/exit-after': '10ms' }))

    await scene.until(await scene.ref('batch', 'Job', 'own'), (one) => finished(one) !== undefined)

    assert.equal((await scene.get('batch', 'Job', 'foreign'))?.status?.['startTime'], undefined)
  })
})
