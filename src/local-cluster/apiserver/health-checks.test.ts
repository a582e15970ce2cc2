// Tests of the health checks.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerHealth, healthPaths } from './health-checks.ts'

function ask(path: string, query = ''): readonly [status: number | undefined, body: unknown] {
  const answer = answerHealth({ path, query: new URLSearchParams(query) })
  return [answer?.status, answer?.body]
}

test('every check that is listed answers ok, and no other', () => {
  const wrong = healthPaths().filter((path) => ask(path)[1] !== 'ok')

  assert.deepEqual(wrong, [])
  assert.equal(ask('/readyz/loopback-serving-certificate')[0], 404)
  assert.equal(ask('/healthz/constructor')[0], 404)
  assert.equal(ask('/constructor')[0], undefined)
})

test('verbose lists the checks in their order and tells which were left out', () => {
  const [, body] = ask('/readyz', 'verbose&exclude=etcd&exclude=absent')

  assert.match(String(body), /^\[\+\]ping ok\n\[\+\]log ok\n\[\+\]etcd excluded: ok\n\[\+\]etcd-readiness ok\n/)
  assert.match(String(body), /\n\[\+\]shutdown ok\nreadyz check passed\n$/)
})
