// Values that were filled into an object are hidden at their places, and wherever else they stand.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../kube/object.ts'
import { hideValues, valuesAt } from './hide-values.ts'

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

function config(
  a: string,
  list: readonly string[] = [],
  annotations: Readonly<Record<string, string>> = {},
): KubeObject {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'c', annotations },
    data: { a, plain: 'x' },
    list,
  }
  return object
}

test('equal values get equal runs, others longer ones; what is no secret stays', () => {
  const paths = [['data', 'a']]
  const wanted = config('hunter2')

  const [first, same, other] = hideValues([wanted, wanted, config('by hand')], paths, valuesAt(wanted, paths))

  assert.deepEqual(first, config('++++++++'))
  assert.deepEqual(same, first)
  assert.deepEqual(other, config('++++++++++++'))
})

test('a value is hidden where a list has another order, and in what was last applied', () => {
  const wanted = config('', ['hunter2', 'open'])
  const paths = [['list', 0]]
  const live = config('', ['open', 'dsn://hunter2@db'], { [LAST_APPLIED]: JSON.stringify(wanted), broken: 'hunter2' })

  const [, hidden] = hideValues([wanted, live], paths, valuesAt(wanted, paths))

  assert.doesNotMatch(JSON.stringify(hidden), /hunter2/)
})

test('of a Secret the decoded value is hidden too; short values only at their places', () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {},
    data: { a: Buffer.from('hunter2').toString('base64') },
  }
  const values = valuesAt(secret, [['data', 'a']])

  const [log, short] = hideValues([config('pw=hunter2'), config('abc')], [], new Set([...values, 'b']))

  assert.deepEqual([log, short], [config('pw=++++++++'), config('abc')])
})
