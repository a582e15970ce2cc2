// Downloads: sizes, times, addresses.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { startChartHost } from '../../../test/support/chart-repository.ts'
import { download } from './download.ts'

test('an answer larger than asked for is refused', async (t) => {
  const { url } = await startChartHost(t, { charts: [], files: { '/big': Buffer.alloc(1001) } })
  const request = { url: `${url}/big`, access: {}, owner: url }

  assert.equal((await download({ ...request, maxBytes: 1001 })).isUnchanged, false)
  await assert.rejects(download({ ...request, maxBytes: 1000 }), { code: 'limit' })
})

test('a server that does not answer is left after the time given', async (t) => {
  const server = createServer(() => undefined)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/` // listens on a port

  await assert.rejects(download({ url, access: {}, owner: url, maxBytes: 10, timeoutMs: 30 }), { code: 'timeout' })
})

test('what is no address of http is refused, and a password in one is not shown', async () => {
  const request = { access: {}, owner: '', maxBytes: 10 }

  await assert.rejects(download({ ...request, url: 'file:///etc/passwd' }), { code: 'bad-input' })
  await assert.rejects(download({ ...request, url: 'ftp://user:secret@host/' }), (error: Error) => {
    assert.doesNotMatch(error.message, /secret/)
    return true
  })
})
