// Badges by their queries, asked over HTTP.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import type { Application } from '../../crds/application.ts'
import { createBadgeAnswerer } from './answer-badge.ts'

const SHA = '0123456789abcdef0123456789abcdef01234567'

function application(name: string, health: string, sync: string, more: object = {}): Application {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd' },
    spec: { project: 'default', destination: {}, ...more },
    status: { health: { status: health }, sync: { status: sync }, operationState: { syncResult: { revision: SHA } } },
  } as unknown as Application // what of its status matters
}

const APPLICATIONS = [
  application('web', 'Healthy', 'Synced'),
  application('shop', 'Progressing', 'OutOfSync', { project: 'team' }),
  application('wiki', 'Healthy', 'Synced', { project: 'docs' }),
  application('odd', '<b>', '&', { project: 'odd' }),
]

async function open(
  t: { after(end: () => unknown): void },
  isEnabled = true,
): Promise<(query: string) => Promise<Response>> {
  const answer = createBadgeAnswerer({
    isEnabled: () => isEnabled,
    namespace: 'argocd',
    application: (namespace, name) =>
      namespace === 'argocd' ? APPLICATIONS.find(({ metadata }) => metadata.name === name) : undefined,
    applications: (namespace) => (namespace === 'argocd' ? APPLICATIONS : []),
    isNamespaceEnabled: (namespace) => namespace === 'argocd' || namespace === 'teams',
  })
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return (query) => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/badge?${query}`)
}

function part(svg: string, id: string): string {
  return new RegExp(`id="${id}"[^>]*>(?<text>[^<]*)`).exec(svg)?.groups?.['text'] ?? ''
}

function attribute(svg: string, id: string, name: string): string {
  return new RegExp(`id="${id}"[^>]* ${name}="(?<value>[^"]*)"`).exec(svg)?.groups?.['value'] ?? ''
}

function shape(svg: string): string {
  const [, width, height] = /^<svg width="(-?\d+)" height="(\d+)"/.exec(svg) ?? []
  const texts = ['leftText', 'rightText', 'revisionText', 'titleText'].map((id) => part(svg, id))
  return [`${width}x${height}`, ...texts].join(' | ')
}

describe('badges', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', '131x20 | Unknown | Unknown |  | '],
    ['name=web', '131x20 | Healthy | Synced |  | '],
    ['name=none', '131x20 | Not Found |  |  | '],
    ['name=web&namespace=teams', '131x20 | Not Found |  |  | '],
    ['name=web&namespace=elsewhere', '131x20 | Not Found |  |  | '],
    ['name=web&revision=true', '192x20 | Healthy | Synced | (0123456) | '],
    ['name=web&revision=true&keepFullRevision=TRUE', `400x20 | Healthy | Synced | (${SHA}) | `],
    ['name=web&revision=false', '131x20 | Healthy | Synced |  | '],
    ['name=web&showAppName=true', '131x40 | Healthy | Synced |  | web'],
    ['name=web&showAppName=true&revision=true', '192x40 | Healthy | Synced | (0123456) | web'],
    ['name=web&width=500', '500x20 | Healthy | Synced |  | '],
    ['name=web&width=wide', '131x20 | Healthy | Synced |  | '],
    ['project=default', '131x20 | Healthy | Synced |  | '],
    ['project=default&project=docs', '131x20 | Healthy | Synced |  | '],
    ['project=default&project=team', '131x20 | Degraded | OutOfSync |  | '],
    ['project=nobody', '131x20 | Unknown | Unknown |  | '],
    ['project=', '131x20 | Unknown | Unknown |  | '],
    ['name=odd', '131x20 | &lt;b&gt; | &amp; |  | '],
  ]
  for (const [query, expected] of cases) {
    test(query === '' ? 'without a query' : query, async (t) => {
      const response = await (await open(t))(query)
      assert.equal(response.status, 200)
      assert.equal(shape(await response.text()), expected)
    })
  }

  for (const query of ['name=Web%2F', 'name=a&namespace=A_B', 'project=a%2Fb', 'name=']) {
    test(`${query} names nothing that can be`, async (t) => {
      assert.equal((await (await open(t))(query)).status, 400)
    })
  }

  test('show Unknown for everything where they are switched off', async (t) => {
    const response = await (await open(t, false))('name=Web%2F&width=500')
    assert.equal(shape(await response.text()), '131x20 | Unknown | Unknown |  | ')
  })

  test('have colours and headers of their own', async (t) => {
    const response = await (await open(t))('name=shop&revision=true')
    const svg = await response.text()
    assert.deepEqual(
      ['leftRect', 'rightRect', 'revisionRect'].map((id) => attribute(svg, id, 'fill')),
      ['rgb(16, 61, 102)', 'rgb(189, 115, 0)', 'rgb(189, 115, 0)'],
    )
    assert.equal(attribute(svg, 'revisionRect', 'width'), '61')
    const { headers } = response
    assert.deepEqual(
      ['content-type', 'cache-control', 'access-control-allow-origin'].map((name) => headers.get(name)),
      ['image/svg+xml', 'private, no-store', '*'],
    )
  })
})
