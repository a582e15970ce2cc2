import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { writeLog } from './write-log.ts'

async function* entries(): AsyncGenerator<unknown> {
  yield { content: 'one', last: false }
  yield { content: 'two', last: false }
  yield { content: '', last: true }
}

test('a log to be saved is its lines, named after its pod where that can be', async (t) => {
  const { signal } = new AbortController()
  const server = createServer((request, response) => {
    const search = new URL(request.url ?? '', 'http://x').searchParams
    void writeLog(response, entries(), { search, signal })
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  t.after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

  const named = await fetch(`${url}?namespace=a&podName=web-1&container=c`)
  const other = await fetch(`${url}?namespace=a&podName=web"1&container=c`)

  assert.equal(await named.text(), 'one\ntwo\n')
  assert.equal(named.headers.get('content-disposition'), 'attachment;filename="a-web-1-c.log"')
  assert.equal(other.headers.get('content-disposition'), 'attachment;filename="log.log"')
})
