// Requests that nobody sends by accident: the answers are those of the real server, and the server stays as it was.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { loadKubeConfig } from '../../src/kube/client/kubeconfig.ts'
import { writeKubeconfig } from '../../src/local-cluster/kubeconfig.ts'
import { startLocalCluster } from '../../src/local-cluster/start.ts'
import { HOSTILE_REQUESTS, MAPS } from '../support/hostile-requests.ts'
import { rawClient, type RawAnswer, type RawClient } from '../support/raw-client.ts'
import { startCapstan } from '../support/processes.ts'
import { startRealCluster } from '../support/real-cluster.ts'
import { isRealClusterWanted } from '../support/story-cluster.ts'

async function open(t: TestContext): Promise<RawClient> {
  const file = isRealClusterWanted() ? await startReal(t) : await startEmbedded(t)
  const client = rawClient((await loadKubeConfig({ path: file, env: {} })).transport)
  t.after(() => client.close())
  return client
}

async function startReal(t: TestContext): Promise<string> {
  const real = await startRealCluster()
  t.after(() => real.stop())
  return real.kubeconfig
}

async function startEmbedded(t: TestContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const cluster = await startLocalCluster({ port: 0, clock: systemClock, log: silentLog })
  t.after(() => cluster.close())
  const file = join(folder, 'kubeconfig')
  writeKubeconfig(file, cluster.kubeconfig())
  return file
}

function create(client: RawClient, name: string, data: string): Promise<RawAnswer> {
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { data } })
  return client.send({ method: 'POST', path: MAPS, type: 'application/json', body })
}

/** The message of a Status; what is none as it came. */
function messageOf({ text }: RawAnswer): string {
  if (!text.startsWith('{')) return text
  const { kind, message } = JSON.parse(text) as { readonly kind?: string; readonly message?: string }
  return kind === 'Status' && message !== undefined ? message : text
}

describe('hostile input', () => {
  test('every request is answered as kube-apiserver answers it, and nothing is polluted', async (t) => {
    const client = await open(t)
    const wrong: string[] = []

    for (const { name, code, says, ...request } of HOSTILE_REQUESTS) {
      const answer = await client.send(request)
      const message = messageOf(answer)
      if (answer.code === code && says?.test(message) !== false) continue
      wrong.push(`${name}: ${answer.code} ${message.slice(0, 200)} (wanted ${code} ${says?.source ?? ''})`)
    }

    assert.deepEqual(wrong, [])
    assert.equal((await client.send({ method: 'GET', path: '/readyz' })).text, 'ok')
    for (const key of ['polluted', 'x', 'prototype']) assert.ok(!(key in {}), key)
  })

  test(
    'large objects are written one after the other over one connection',
    { skip: isRealClusterWanted() },
    async (t) => {
      // In a process of its own: the failure needs a server that is still busy with its last answer.
      const args = [
        'local-cluster',
        '--data-dir',
        'memory',
        '--port',
        '0',
        '--controllers',
        'off',
        '--kubelet',
        'off',
        '-o',
        'json',
      ]
      const served = await startCapstan(t, args, /"kubeconfig":"(?<file>[^"]+)"/)
      const { transport } = await loadKubeConfig({ path: served.found.groups?.['file'] ?? '', env: {} })
      const client = rawClient(transport, 1)
      t.after(() => client.close())

      const codes = new Set<number>()
      for (let at = 0; at < 60; at++) codes.add((await create(client, `large-${at}`, 'x'.repeat(150_000))).code)

      assert.deepEqual([...codes], [201])
    },
  )

  test('watchers that do not read keep nobody from writing', { skip: isRealClusterWanted() }, async (t) => {
    const client = await open(t)
    const ends = await Promise.all(
      Array.from({ length: 20 }, () => client.openUnread(`${MAPS}?watch=1&resourceVersion=0`)),
    )
    t.after(() => ends.forEach((end) => end()))

    const codes = new Set<number>()
    for (let round = 0; round < 40; round++) {
      const answers = await Promise.all(
        [1, 2, 3, 4].map((at) => create(client, `m-${round}-${at}`, 'x'.repeat(50_000))),
      )
      for (const { code } of answers) codes.add(code)
    }

    assert.deepEqual([...codes], [201])
    assert.equal((await client.send({ method: 'GET', path: '/readyz' })).text, 'ok')
  })

  test('three hundred watches at once are served and let go', { skip: isRealClusterWanted() }, async (t) => {
    const client = await open(t)
    const ends = await Promise.all(
      Array.from({ length: 300 }, () => client.openUnread(`${MAPS}?watch=1&resourceVersion=0`)),
    )

    const during = await create(client, 'during', 'x')
    ends.forEach((end) => end())
    const after = await create(client, 'after', 'x')

    assert.deepEqual([during.code, after.code], [201, 201])
  })
})
