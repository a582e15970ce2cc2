import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routes } from '../../api/routes.ts'
import { createRouteMatcher } from './match.ts'
import { readRequest, type RequestMessage } from './read-request.ts'

const match = createRouteMatcher(routes)

function read(verb: string, target: string, body?: unknown): { method: string; request: RequestMessage } {
  const [path = '', query = ''] = target.split('?')
  const found = match(verb, path)
  assert.ok(found, `no route for ${verb} ${target}`)
  const { route, parameters } = found
  return { method: route.method, request: readRequest({ route, parameters, query: new URLSearchParams(query), body }) }
}

const cases: readonly [string, string, unknown, string, RequestMessage][] = [
  [
    'GET',
    '/api/v1/applications?projects=a&projects=b&selector=x%3Dy',
    undefined,
    'List',
    { projects: ['a', 'b'], selector: 'x=y' },
  ],
  ['GET', '/api/v1/applications/web?refresh=hard&unknown=1', undefined, 'Get', { name: 'web', refresh: 'hard' }],
  [
    'POST',
    '/api/v1/applications?upsert=true',
    { metadata: {} },
    'Create',
    { application: { metadata: {} }, upsert: true },
  ],
  ['PUT', '/api/v1/applications/web', { spec: {} }, 'Update', { application: { spec: {}, metadata: { name: 'web' } } }],
  ['POST', '/api/v1/applications/web/sync', { prune: true, name: 'other' }, 'Sync', { name: 'web', prune: true }],
  ['DELETE', '/api/v1/applications/web?cascade=false', undefined, 'Delete', { name: 'web', cascade: false }],
  ['POST', '/api/v1/applications/manifestsWithFiles', {}, 'GetManifestsWithFiles', {}],
  [
    'GET',
    '/api/v1/repositories/https%3A%2F%2Fgit.example%2Fa.git/refs',
    undefined,
    'ListRefs',
    { repo: 'https://git.example/a.git' },
  ],
  [
    'POST',
    '/api/v1/repositories/git%40h%3Aa.git/appdetails',
    { source: { path: 'x' } },
    'GetAppDetails',
    { source: { path: 'x', repoURL: 'git@h:a.git' } },
  ],
  ['GET', '/api/v1/clusters/in-cluster?id.type=name', undefined, 'Get', { id: { type: 'name', value: 'in-cluster' } }],
  [
    'GET',
    '/api/v1/account/can-i/applications/get/default/a',
    undefined,
    'CanI',
    { resource: 'applications', action: 'get', subresource: 'default/a' },
  ],
  [
    'GET',
    '/api/v1/applications/web/logs?tailLines=10&follow=true',
    undefined,
    'PodLogs',
    { name: 'web', tailLines: 10, follow: true },
  ],
]
for (const [verb, target, body, method, request] of cases) {
  test(`reads ${verb} ${target}`, () => {
    assert.deepEqual(read(verb, target, body), { method, request })
  })
}

const refused: readonly [string, string, unknown, RegExp][] = [
  ['DELETE', '/api/v1/applications/web?cascade=maybe', undefined, /parameter cascade: "maybe" is not true or false/],
  ['GET', '/api/v1/applications/web/logs?tailLines=1e3', undefined, /parameter tailLines: "1e3" is not a whole number/],
  ['POST', '/api/v1/session', [], /must be a JSON object/],
]
for (const [verb, target, body, message] of refused) {
  test(`refuses ${verb} ${target}`, () => {
    assert.throws(() => read(verb, target, body), message)
  })
}

for (const path of [
  '/api/v1/nothing',
  '/api/v1/applications/',
  '/api/v1/applications/%zz',
  '/api/v1/applications/a/b/c/d',
]) {
  test(`finds no route for ${path}`, () => {
    assert.equal(match('GET', path), undefined)
  })
}
