// Charts in a real registry, Debian's docker-registry: tags and ranges, logins, digests, dependencies, a whole delivery.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { Secret } from '../../src/base/secret.ts'
import { createChartRegistry } from '../../src/main/chart-registry.ts'
import type { ChartAccess } from '../../src/source/charts/access.ts'
import { createChartProvider, type ChartProvider } from '../../src/source/charts/provider.ts'
import type { OpenOptions } from '../../src/source/provider.ts'
import { packFiles, simpleChart } from '../support/chart-repository.ts'
import { isSynced, startStoryPlane } from '../support/control-plane.ts'
import { hasDockerRegistry, startDockerRegistry, type Registry } from '../support/chart-registry.ts'
import { temporaryFolder } from '../support/git.ts'
import { register } from '../support/private-repository.ts'
import { freePort } from '../support/free-port.ts'

const OPEN: OpenOptions = { project: 'default', freshness: 'latest' }
const LOGIN = { username: 'ci', password: 'right' }
const ABSENT = 'docker-registry is not installed'

async function start(t: TestContext, login?: typeof LOGIN): Promise<Registry> {
  return startDockerRegistry(t, { port: await freePort(), ...(login === undefined ? {} : { login }) })
}

function providerFor(t: TestContext, access: ChartAccess = {}): ChartProvider {
  return createChartProvider({
    cacheFolder: join(temporaryFolder(t), 'charts'),
    clock: systemClock,
    registry: createChartRegistry(systemClock),
    accessFor: async () => access,
  })
}

test('versions, ranges and digests of a registry are resolved; a plus in a version is a tag with an underscore', async (t) => {
  if (!hasDockerRegistry()) return t.skip(ABSENT)
  const registry = await start(t)
  for (const version of ['1.0.0', '1.2.0', '1.10.0+build.1', '2.0.0-rc.1']) {
    await registry.push('charts/app', version.replace('+', '_'), simpleChart('app', version))
  }
  const digest = await registry.push('charts/app', '3.0.0', simpleChart('app', '3.0.0'))
  const charts = providerFor(t)
  const repoURL = `${registry.host}/charts`
  const open = (targetRevision: string): Promise<string> =>
    charts.open({ repoURL, chart: 'app', targetRevision }, OPEN).then(({ revision }) => revision)
  const address = `oci://${registry.host}/charts/app`

  assert.equal(await open('1.2.0'), '1.2.0')
  assert.equal(await open('1.x'), '1.10.0+build.1')
  assert.equal(await open('^2.0.0-0'), '2.0.0-rc.1')
  await assert.rejects(open('^9'), /version matching constraint not found in 5 tags/)
  await assert.rejects(open('9.9.9'), /not found/)
  for (const targetRevision of ['3.0.0', '>=1', digest]) {
    const opened = await charts.open({ repoURL: address, targetRevision }, OPEN)
    assert.equal(opened.revision, digest)
    assert.match(Buffer.from((await opened.tree.readFile('Chart.yaml'))?.bytes ?? '').toString(), /version: 3\.0\.0/)
  }
})

test('tags are read page after page', async (t) => {
  if (!hasDockerRegistry()) return t.skip(ABSENT)
  const registry = await start(t)
  const archive = simpleChart('app', '1.0.0')
  for (let patch = 0; patch < 12; patch++) await registry.push('app', `1.0.${patch}`, archive)
  const tags = await createChartRegistry(systemClock, 5).tags(`${registry.host}/app`, { access: {} })

  assert.equal(tags.length, 12)
})

test('plain files in a registry are a source too', async (t) => {
  if (!hasDockerRegistry()) return t.skip(ABSENT)
  const registry = await start(t)
  await registry.push('deploy/web', 'v1', packFiles('', { 'web/a.yaml': 'kind: ConfigMap\n' }), 'files')

  const { tree } = await providerFor(t).open(
    { repoURL: `oci://${registry.host}/deploy/web`, targetRevision: 'v1' },
    OPEN,
  )

  assert.equal(Buffer.from((await tree.readFile('web/a.yaml'))?.bytes ?? '').toString(), 'kind: ConfigMap\n')
})

test('a registry with a login is opened with the right one, and the wrong one is told', async (t) => {
  if (!hasDockerRegistry()) return t.skip(ABSENT)
  const registry = await start(t, LOGIN)
  await registry.push('app', '1.0.0', simpleChart('app', '1.0.0'))
  const location = { repoURL: registry.host, chart: 'app', targetRevision: '1.x' }
  const access = { enableOci: true, username: LOGIN.username, password: new Secret(LOGIN.password) }

  assert.equal((await providerFor(t, access).open(location, OPEN)).revision, '1.0.0')
  await assert.rejects(providerFor(t, { enableOci: true }).open(location, OPEN), /authorization failed|401/)
  const wrong = { ...access, password: new Secret('wrong-password') }
  await assert.rejects(providerFor(t, wrong).open(location, OPEN), (error: Error) => {
    assert.doesNotMatch(error.message, /wrong-password/)
    return /401|authoriz/i.test(error.message)
  })
})

test('[005-05] an application is delivered from a registry, with a dependency from there', async (t) => {
  if (!hasDockerRegistry()) return t.skip(ABSENT)
  const registry = await start(t, LOGIN)
  await registry.push('charts/part', '0.3.0', simpleChart('part', '0.3.0'))
  const dependency = `dependencies:\n- {name: part, version: 0.x, repository: "oci://${registry.host}/charts"}\n`
  const main = simpleChart('app', '1.0.0', { 'Chart.yaml': `apiVersion: v2\nname: app\nversion: 1.0.0\n${dependency}` })
  await registry.push('charts/app', '1.0.0', main)
  const story = await startStoryPlane(t)
  await register(story, { type: 'helm', name: 'charts', url: `${registry.host}/charts`, enableOCI: 'true', ...LOGIN })
  const spec = {
    project: 'default',
    source: { repoURL: `${registry.host}/charts`, chart: 'app', targetRevision: '1.*' },
    destination: { server: 'https://kubernetes.default.svc', namespace: 'web' },
    syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'] },
  }
  const metadata = { name: 'web', namespace: 'argocd' }
  const object = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata, spec }
  await story.client.create(story.plane.applications.type, object)

  const { status } = await story.application('web', isSynced)

  assert.equal(status?.sync?.revision, '1.0.0')
  for (const name of ['web-app', 'web-part'])
    assert.notEqual(await story.live('v1', 'ConfigMap', `web/${name}`), undefined)
})
