import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Metrics } from '../base/metrics.ts'
import { startMetricsPort } from './metrics-port.ts'

test('/metrics and /healthz are answered, nothing else is', async (t) => {
  const metrics = new Metrics()
  metrics.counter('asked_total', 'Asked.')({}, 2)
  const opened = await startMetricsPort({ metrics, port: 0, address: '127.0.0.1' })
  t.after(() => opened.close())
  const ask = (path: string, method = 'GET'): Promise<Response> =>
    fetch(`http://127.0.0.1:${opened.port}${path}`, { method })

  const answer = await ask('/metrics')
  assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  assert.match(await answer.text(), /^asked_total 2$/m)
  assert.equal(await (await ask('/healthz?full=true')).text(), 'ok')
  assert.equal((await ask('/')).status, 404)
  assert.equal((await ask('/metrics', 'POST')).status, 405)
})

test('a process that is not well, or not yet started, says so and why', async (t) => {
  const metrics = new Metrics()
  let fault: string | undefined
  let isReady = false
  metrics.check(() => fault)
  const opened = await startMetricsPort({ metrics, port: 0, address: '127.0.0.1', isReady: () => isReady })
  t.after(() => opened.close())
  const ask = async (path: string): Promise<readonly [number, string]> => {
    const answer = await fetch(`http://127.0.0.1:${opened.port}${path}`)
    return [answer.status, await answer.text()]
  }

  assert.deepEqual(await ask('/healthz'), [200, 'ok'])
  assert.deepEqual(await ask('/readyz'), [503, 'not everything is started yet\n'])
  isReady = true
  assert.deepEqual(await ask('/readyz'), [200, 'ok'])
  fault = 'the queue is stuck'
  assert.deepEqual(await ask('/healthz'), [503, 'the queue is stuck\n'])
  assert.deepEqual(await ask('/readyz'), [503, 'the queue is stuck\n'])
})

test('a taken port is told with the flag that chooses another', async (t) => {
  const metrics = new Metrics()
  const first = await startMetricsPort({ metrics, port: 0, address: '127.0.0.1' })
  t.after(() => first.close())

  await assert.rejects(
    () => startMetricsPort({ metrics, port: first.port, address: '127.0.0.1' }),
    /is taken; end what uses it, or choose another with --metrics-port/,
  )
})
