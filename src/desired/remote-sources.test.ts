// Files that kustomizations name by address: how large they may be.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { SourceProvider } from '../source/provider.ts'
import { createRemoteSources, MAX_REMOTE_FILE } from './remote-sources.ts'

test('a file of an address may have 16 MiB and no byte more', async (t) => {
  const server = createServer(({ url }, response) => {
    response.end(Buffer.alloc(MAX_REMOTE_FILE + (url === '/larger' ? 1 : 0), '#'))
  })
  t.after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // of a TCP server
  const asked: string[] = []
  const remotes = createRemoteSources({
    sources: {} as SourceProvider, // no repository is opened
    rules: { isRegistered: () => false, isPermitted: () => false },
    project: 'default',
    freshness: 'latest',
    // The server of this test stands where files of a repository must not lead.
    assertHost: async (host) => void asked.push(host),
  })

  const bytes = await remotes.fetchFile(`${address}/largest`)

  assert.equal(bytes.length, MAX_REMOTE_FILE)
  await assert.rejects(remotes.fetchFile(`${address}/larger`), { code: 'limit' })
  assert.deepEqual(asked, ['127.0.0.1', '127.0.0.1'])
})
