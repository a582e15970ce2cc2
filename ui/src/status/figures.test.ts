// Tests the reading of Prometheus' text.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFigures } from './figures.ts'

test('adds the series of a figure up; a histogram gives how often and the average', () => {
  const text = `# HELP syncs Syncs done.
# TYPE syncs counter
syncs{name="a}b",phase="x"} 2
syncs{name="c"} 3
# HELP took Seconds.
# TYPE took histogram
took_bucket{le="1"} 3
took_bucket{le="+Inf"} 4
took_sum 6
took_count 4
# HELP unused Never seen.
# TYPE unused histogram
broken line of text
`
  assert.deepEqual(readFigures(text), [
    { name: 'syncs', help: 'Syncs done.', value: 5 },
    { name: 'took', help: 'Seconds.', value: 4, average: 1.5 },
  ])
})
