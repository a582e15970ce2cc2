// Charts of repositories as sources: versions and ranges, one download, logins that go where they belong, limits.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { Secret } from '../../base/secret.ts'
import { simpleChart, startChartHost } from '../../../test/support/chart-repository.ts'
import type { ChartHost, HostedChart } from '../../../test/support/chart-repository.ts'
import { temporaryFolder } from '../../../test/support/git.ts'
import { loopbackIdentity } from '../../../test/support/tls-identity.ts'
import type { OpenOptions } from '../provider.ts'
import type { ChartAccess } from './access.ts'
import { createChartProvider } from './provider.ts'
import type { ChartProvider } from './provider.ts'
import { INDEX_FRESH_MS } from './repository.ts'

const OPEN: OpenOptions = { project: 'default', freshness: 'cached' }
const LATEST: OpenOptions = { ...OPEN, freshness: 'latest' }
const LOGIN = { username: 'ci', password: 'p:ss/1' }
const ACCESS: ChartAccess = { username: LOGIN.username, password: new Secret(LOGIN.password) }

function hosted(...versions: readonly string[]): HostedChart[] {
  return versions.map((version) => ({ name: 'app', version, archive: simpleChart('app', version) }))
}

function providerFor(t: TestContext, access: ChartAccess = {}, clock = new ManualClock()): ChartProvider {
  return createChartProvider({ cacheFolder: join(temporaryFolder(t), 'charts'), clock, accessFor: async () => access })
}

async function revisionOf(charts: ChartProvider, repoURL: string, targetRevision: string): Promise<string> {
  return (await charts.open({ repoURL, chart: 'app', targetRevision }, OPEN)).revision
}

function downloads({ log }: ChartHost): number {
  return log.filter((line) => line.includes('.tgz')).length
}

describe('a classic repository', () => {
  test('a version becomes the files of the chart, fetched once', async (t) => {
    const host = await startChartHost(t, { charts: hosted('1.0.0', '1.2.0') })
    const charts = providerFor(t)

    const { tree, revision } = await charts.open({ repoURL: host.url, chart: 'app', targetRevision: '1.0.0' }, OPEN)
    await charts.open({ repoURL: host.url, chart: 'app', targetRevision: '1.0.0' }, LATEST)

    assert.equal(revision, '1.0.0')
    assert.match(Buffer.from((await tree.readFile('Chart.yaml'))?.bytes ?? '').toString(), /version: 1\.0\.0/)
    assert.deepEqual(
      (await tree.readDirectory(''))?.map(({ name, type }) => [name, type]),
      [
        ['Chart.yaml', 'file'],
        ['templates', 'directory'],
        ['values.yaml', 'file'],
      ],
    )
    assert.equal(await tree.readDirectory('nope'), undefined)
    assert.equal(downloads(host), 1)
  })

  const ranges: readonly (readonly [string, string])[] = [
    ['*', '2.0.0'],
    ['1.x', '1.10.0'],
    ['~1.2', '1.2.3'],
    ['>=1.0.0 <1.2.3', '1.2.0'],
    ['^2.0.0-0', '2.1.0-rc.1'],
  ]
  for (const [range, wanted] of ranges) {
    test(`the range ${range} is ${wanted}`, async (t) => {
      const versions = ['1.2.0', '1.10.0', '1.2.3', '2.0.0', '2.1.0-rc.1']
      const host = await startChartHost(t, { charts: hosted(...versions) })

      assert.equal(await revisionOf(providerFor(t), host.url, range), wanted)
    })
  }

  test('what is not there is told by name', async (t) => {
    const host = await startChartHost(t, { charts: hosted('1.0.0') })
    const charts = providerFor(t)

    await assert.rejects(
      revisionOf(charts, host.url, '^3'),
      /invalid revision: version matching constraint not found in 1 tags/,
    )
    await assert.rejects(revisionOf(charts, host.url, '9.9.9'), /no chart version found for app-9\.9\.9/)
    await assert.rejects(
      charts.open({ repoURL: host.url, chart: 'other', targetRevision: '*' }, OPEN),
      /chart 'other' not found in index/,
    )
    await assert.rejects(revisionOf(charts, `${host.url}/nowhere`, '*'), /nowhere\/index\.yaml : 404/)
  })

  test('the index is asked for again with its tag, and read again where it changed', async (t) => {
    const host = await startChartHost(t, { charts: hosted('1.0.0') })
    const clock = new ManualClock()
    const charts = providerFor(t, {}, clock)
    const open = async (options: OpenOptions): Promise<string> =>
      (await charts.open({ repoURL: host.url, chart: 'app', targetRevision: '*' }, options)).revision

    await open(OPEN)
    await open(OPEN)
    await open(LATEST)
    clock.advance(INDEX_FRESH_MS)
    await open(OPEN)
    host.publish(hosted('1.0.0', '1.1.0'))
    const newest = await open(LATEST)

    assert.equal(newest, '1.1.0')
    assert.deepEqual(
      host.log.filter((line) => line.includes('index')).map((line) => line.split(' ')[2]),
      ['200', '304', '304', '200'],
    )
  })

  test('an archive that is not what the index says is refused', async (t) => {
    const host = await startChartHost(t, {
      charts: hosted('1.0.0'),
      files: { '/app-1.0.0.tgz': simpleChart('app', '6.6.6') },
    })

    await assert.rejects(revisionOf(providerFor(t), host.url, '1.0.0'), /the digest [0-9a-f]{64}, and not [0-9a-f]{64}/)
  })
})

describe('logins', () => {
  test('user and password open index and archive', async (t) => {
    const host = await startChartHost(t, { charts: hosted('1.0.0'), login: LOGIN })

    assert.equal(await revisionOf(providerFor(t, ACCESS), host.url, '*'), '1.0.0')
    await assert.rejects(revisionOf(providerFor(t), host.url, '*'), /401.*register the repository with a user name/)
  })

  test('another host than the repository gets none, unless it is asked for', async (t) => {
    const other = await startChartHost(t, { charts: hosted('1.0.0') })
    const [chart] = hosted('1.0.0')
    const host = await startChartHost(t, {
      charts: chart === undefined ? [] : [{ ...chart, url: `${other.url}/app-1.0.0.tgz` }],
      login: LOGIN,
    })
    const location = { repoURL: host.url, chart: 'app', targetRevision: '1.0.0' }

    await providerFor(t, ACCESS).open(location, OPEN)
    await providerFor(t, ACCESS).open({ ...location, helm: { passCredentials: true } }, OPEN)

    assert.deepEqual(other.log, ['GET /app-1.0.0.tgz 200', 'GET /app-1.0.0.tgz 200 +login'])
  })

  test('a redirect to another host loses them', async (t) => {
    const other = await startChartHost(t, { charts: hosted('1.0.0') })
    const host = await startChartHost(t, {
      charts: hosted('1.0.0'),
      login: LOGIN,
      redirects: { '/app-1.0.0.tgz': `${other.url}/app-1.0.0.tgz` },
    })

    await providerFor(t, ACCESS).open(
      { repoURL: host.url, chart: 'app', targetRevision: '1.0.0', helm: { passCredentials: true } },
      OPEN,
    )

    assert.deepEqual(other.log, ['GET /app-1.0.0.tgz 200'])
  })

  test('redirects without end are left', async (t) => {
    const host = await startChartHost(t, { charts: [], redirects: { '/index.yaml': '/index.yaml' } })

    await assert.rejects(revisionOf(providerFor(t), host.url, '*'), /stopped after 10 redirects/)
  })
})

describe('TLS', () => {
  test('an authority of ours is trusted where it is given; without, the message says how', async (t) => {
    const { authority, server } = loopbackIdentity()
    const tls = { key: server.key, cert: server.certificate }
    const host = await startChartHost(t, { charts: hosted('1.0.0'), tls })

    assert.equal(await revisionOf(providerFor(t, { caCertificates: authority }), host.url, '*'), '1.0.0')
    assert.equal(await revisionOf(providerFor(t, { insecure: true }), host.url, '*'), '1.0.0')
    await assert.rejects(revisionOf(providerFor(t), host.url, '*'), /certificate.*argocd cert add-tls/)
  })

  test('a server that asks for a certificate is shown the registered one', async (t) => {
    const { authority, server, admin } = loopbackIdentity()
    const tls = { key: server.key, cert: server.certificate, ca: authority, requestCert: true }
    const host = await startChartHost(t, { charts: hosted('1.0.0'), tls })
    const access: ChartAccess = {
      caCertificates: authority,
      tlsClientCertificate: admin.certificate,
      tlsClientKey: new Secret(admin.key),
    }

    assert.equal(await revisionOf(providerFor(t, access), host.url, '*'), '1.0.0')
    await assert.rejects(revisionOf(providerFor(t, { caCertificates: authority }), host.url, '*'))
  })
})
