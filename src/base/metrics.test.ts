import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Metrics } from './metrics.ts'

test('counters, gauges and histograms are told in the text format', () => {
  const metrics = new Metrics()
  const asked = metrics.counter('asked_total', 'How often\nit was asked.')
  const took = metrics.histogram('took_seconds', 'How long it took.', [0.5, 1])
  metrics.collect('waiting', 'Who waits.', 'gauge', () => [{ labels: {}, value: 3 }])
  asked({ who: 'a "b" \\ c\n' })
  asked({ who: 'a "b" \\ c\n' }, 2)
  for (const seconds of [0.25, 0.5, 0.75, 7]) took({ what: 'x' }, seconds)

  assert.equal(
    metrics.text(),
    `# HELP asked_total How often\\nit was asked.
# TYPE asked_total counter
asked_total{who="a \\"b\\" \\\\ c\\n"} 3
# HELP took_seconds How long it took.
# TYPE took_seconds histogram
took_seconds_bucket{what="x",le="0.5"} 2
took_seconds_bucket{what="x",le="1"} 3
took_seconds_bucket{what="x",le="+Inf"} 4
took_seconds_sum{what="x"} 8.5
took_seconds_count{what="x"} 4
# HELP waiting Who waits.
# TYPE waiting gauge
waiting 3
`,
  )
})

test('series of what is gone are dropped', () => {
  const metrics = new Metrics()
  const synced = metrics.counter('synced_total', 'Syncs.')
  synced({ name: 'a', phase: 'Failed' })
  synced({ name: 'a', phase: 'Succeeded' })
  synced({ name: 'b', phase: 'Succeeded' })

  metrics.forget({ name: 'a' })

  assert.deepEqual(
    metrics
      .text()
      .split('\n')
      .filter((line) => line.startsWith('synced_total')),
    ['synced_total{name="b",phase="Succeeded"} 1'],
  )
})

test('a name is made once', () => {
  const metrics = new Metrics()
  metrics.counter('asked_total', 'Asked.')

  assert.throws(() => metrics.counter('asked_total', 'Asked.'), /twice/)
})
