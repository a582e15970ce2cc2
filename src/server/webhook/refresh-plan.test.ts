// What events ask for: of which sources, and of which applications by themselves.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Application, ApplicationSpec } from '../../crds/application.ts'
import type { ArtifactEvent, PushEvent } from '../../source/webhooks/webhook-event.ts'
import { planRefreshes } from './refresh-plan.ts'

const repoURL = 'https://github.com/acme/shop.git'
const push: PushEvent = {
  kind: 'push',
  webUrls: ['https://github.com/acme/shop'],
  revisions: ['main'],
  touchedHead: true,
  changedFiles: ['apps/one/values.yaml'],
}
const image: ArtifactEvent = { kind: 'artifact', registry: 'ghcr.io', repository: 'Acme/charts/shop', tag: '1.4.0' }

function application(name: string, spec: Partial<ApplicationSpec>, paths?: string): Application {
  const annotations = paths === undefined ? {} : { 'argocd.argoproj.io/manifest-generate-paths': paths }
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { namespace: 'argocd', name, annotations },
    spec: { project: '', destination: { server: 'https://one' }, ...spec },
  }
}

function outcome(event: PushEvent | ArtifactEvent, one: Application): string {
  const { sources, refreshes, untouched } = planRefreshes([event], [one])
  return [
    ...sources.map((source) => `moved ${source.repoURL}`),
    ...refreshes.map(({ name, isHydrated }) => `refresh ${name}${isHydrated ? ' and hydrate' : ''}`),
    ...untouched.map((repository) => `untouched ${repository}`),
  ].join(', ')
}

const dry = { repoURL, targetRevision: 'main', path: 'dry' }
const hydrator = { drySource: dry, syncSource: { targetBranch: 'env/prod', path: 'out' } }

describe('one application and one event', () => {
  const cases: readonly (readonly [string, PushEvent | ArtifactEvent, Application, string])[] = [
    ['its repository', push, application('a', { source: { repoURL } }), `moved ${repoURL}`],
    ['another repository', push, application('a', { source: { repoURL: 'https://github.com/acme/x' } }), ''],
    ['another branch', push, application('a', { source: { repoURL, targetRevision: 'env/prod' } }), ''],
    ['one of several sources', push, application('a', { sources: [{ repoURL: 'https://x.example.com/y' }, { repoURL }] }), `moved ${repoURL}`], // prettier-ignore
    ['sources that hide a source', push, application('a', { source: { repoURL }, sources: [{ repoURL: 'https://x.example.com/y' }] }), ''], // prettier-ignore
    ['named paths with a changed file', push, application('a', { source: { repoURL, path: 'apps/one' } }, '.'), 'refresh a'], // prettier-ignore
    ['named paths without one', push, application('a', { source: { repoURL, path: 'apps/two' } }, '.'), `untouched ${repoURL}`], // prettier-ignore
    ['named paths, files not told', { ...push, changedFiles: undefined }, application('a', { source: { repoURL, path: 'apps/two' } }, '.'), `moved ${repoURL}`], // prettier-ignore
    ['a dry source', push, application('a', { sourceHydrator: hydrator }), 'refresh a and hydrate'],
    ['a dry source that names its paths', push, application('a', { sourceHydrator: hydrator }, '.'), `untouched ${repoURL}`], // prettier-ignore
    ['a hydrated branch', { ...push, revisions: ['env/prod'], touchedHead: false }, application('a', { sourceHydrator: hydrator }, '.'), `moved ${repoURL}`], // prettier-ignore
    ['a chart of a registry', image, application('a', { source: { repoURL: 'ghcr.io/acme/charts', chart: 'shop', targetRevision: '1.*' } }), 'refresh a and hydrate'], // prettier-ignore
    ['an artifact', image, application('a', { source: { repoURL: 'oci://ghcr.io/acme/charts/shop/', targetRevision: '1.4.0' } }), 'refresh a and hydrate'], // prettier-ignore
    ['another version of it', image, application('a', { source: { repoURL: 'oci://ghcr.io/acme/charts/shop', targetRevision: '1.3.0' } }), ''], // prettier-ignore
    ['another chart', image, application('a', { source: { repoURL: 'ghcr.io/acme/charts', chart: 'cart', targetRevision: '*' } }), ''], // prettier-ignore
  ]
  for (const [name, event, one, expected] of cases) {
    test(name, () => {
      assert.equal(outcome(event, one), expected)
    })
  }
})

test('a repository is looked at once for each project, and told by one application for each destination', () => {
  const on = (name: string, project: string, server: string): Application =>
    application(name, { project, source: { repoURL }, destination: { server } })

  const { sources } = planRefreshes(
    [push, push],
    [on('a', '', 'https://one'), on('b', 'default', 'https://one'), on('c', 'default', 'https://two'), on('d', 'team', 'https://one')], // prettier-ignore
  )

  assert.deepEqual(
    sources.map(({ project, followers }) => [project, followers.map(({ name }) => name)]),
    [
      ['default', ['a', 'c']],
      ['team', ['d']],
    ],
  )
})
