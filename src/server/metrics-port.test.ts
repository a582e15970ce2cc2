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

test('a taken port is told with the flag that chooses another', async (t) => {
  const metrics = new Metrics()
  const first = await startMetricsPort({ metrics, port: 0, address: '127.0.0.1' })
  t.after(() => first.close())

  await assert.rejects(
    () => startMetricsPort({ metrics, port: first.port, address: '127.0.0.1' }),
    /is taken; end what uses it, or choose another with --metrics-port/,
  )
})
