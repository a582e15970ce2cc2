// The pages that say how the server is set up and how it is.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerZPage, Z_PATHS } from './z-pages.ts'

function bodyOf(path: string): string {
  const body = answerZPage(path, Date.now())?.body
  assert.ok(typeof body === 'string')
  return body
}

test('the pages of flags and status are in the form of component-base', () => {
  assert.match(bodyOf('/flagz'), /^\napiserver flagz\nWarning: .*\n(?:[a-z-]+:.*\n)+$/)
  assert.match(
    bodyOf('/statusz'),
    /^\napiserver statusz\nWarning: .*\n\nStarted {2}.+\nUp {2}\d+ hr \d\d min \d\d sec\n/,
  )
})

test('every check is a gauge, and what is no such page is left to others', () => {
  const lines = bodyOf('/metrics/slis').split('\n')

  assert.ok(lines.includes('kubernetes_healthcheck{name="ping",type="healthz"} 1'))
  assert.ok(lines.includes('kubernetes_healthcheck{name="shutdown",type="readyz"} 1'))
  assert.deepEqual([answerZPage('/other', 0), Z_PATHS.length], [undefined, 3])
})
