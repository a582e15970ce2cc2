// Integers beyond 2^53 on their way through the server: whatever comes in with 64 bits goes out digit by digit.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import type { ApiRequest } from '../../kube/client/transport.ts'
import { builtinResources } from '../kinds/resources.ts'
import { rulesFor } from '../kinds/rules.ts'
import { openMemoryStore } from '../storage/open-store.ts'
import { createApiServer } from './server.ts'
import { CLUSTER_ADMIN } from './user.ts'

const BIG = '9007199254740993'
const MOST = '9223372036854775807'
const WIDGETS = '/apis/example.com/v1/namespaces/ns/widgets'

const DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  size: { type: 'integer', format: 'int64', minimum: 1 },
                  any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                },
              },
            },
          },
        },
      },
    ],
  },
}

type Send = (method: string, path: string, body?: string, headers?: Record<string, string>) => Promise<string>

async function startWorld(t: TestContext): Promise<Send> {
  const store = openMemoryStore()
  const catalogue = { resources: builtinResources(), rulesFor }
  const server = createApiServer({ store, catalogue, clock: new ManualClock(), log: silentLog })
  t.after(async () => {
    await server.close()
    await store.close()
  })
  const send: Send = async (method, path, body, headers = {}) => {
    const request = { method, path, headers, ...(body === undefined ? {} : { body }) } as ApiRequest
    const answer = await server.handle(request, CLUSTER_ADMIN)
    assert.ok(typeof answer.body === 'string')
    return answer.body
  }
  await send('POST', '/api/v1/namespaces', JSON.stringify({ metadata: { name: 'ns' } }))
  await send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', JSON.stringify(DEFINITION))
  await established(send)
  return send
}

async function established(send: Send): Promise<void> {
  for (let turn = 0; turn < 100; turn++) {
    if ((await send('GET', WIDGETS)).startsWith('{')) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error('the definition was not established')
}

function widget(name: string, size: string): string {
  return `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"${name}"},"spec":{"size":${size},"any":{"list":[-${BIG}]}}}`
}

test('a custom resource keeps them from create to get, list, table and YAML', async (t) => {
  const send = await startWorld(t)

  const created = await send('POST', WIDGETS, widget('a', BIG))
  const got = await send('GET', `${WIDGETS}/a`)
  const listed = await send('GET', WIDGETS)
  const table = await send('GET', WIDGETS, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
  const yaml = await send('GET', `${WIDGETS}/a`, undefined, { accept: 'application/yaml' })

  for (const text of [created, got, listed]) {
    assert.ok(text.includes(`"size":${BIG}`), text)
    assert.ok(text.includes(`"list":[-${BIG}]`), text)
  }
  assert.ok(table.includes(`"cells":["a",${BIG}]`), table)
  assert.ok(yaml.includes(`size: ${BIG}\n`), yaml)
})

const MERGE = { 'content-type': 'application/merge-patch+json' }
const APPLY = { 'content-type': 'application/apply-patch+yaml' }

test('patches and server-side apply set them, and a change of one digit is a change', async (t) => {
  const send = await startWorld(t)
  await send('POST', WIDGETS, widget('a', BIG))

  const patched = await send('PATCH', `${WIDGETS}/a`, `{"spec":{"size":${MOST}}}`, MERGE)
  const same = await send('PATCH', `${WIDGETS}/a`, `{"spec":{"size":${MOST}}}`, MERGE)
  const other = await send('PATCH', `${WIDGETS}/a`, '{"spec":{"size":9223372036854775806}}', MERGE)
  const yaml = `apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: b}\nspec: {size: ${BIG}}\n`
  const applied = await send('PATCH', `${WIDGETS}/b?fieldManager=me`, yaml, APPLY)

  assert.ok(patched.includes(`"size":${MOST}`), patched)
  assert.deepEqual([versionOf(same) === versionOf(patched), versionOf(other) === versionOf(patched)], [true, false])
  assert.ok(other.includes('"size":9223372036854775806'), other)
  assert.ok(applied.includes(`"size":${BIG}`), applied)
})

test('validation looks at them like at other integers', async (t) => {
  const send = await startWorld(t)

  const small = await send('POST', WIDGETS, widget('a', `-${BIG}`))
  const text = await send('POST', WIDGETS, widget('a', `"${BIG}"`))

  assert.match(small, /Invalid value: -9007199254740993: spec.size in body should be greater than or equal to 1/)
  assert.match(text, /spec.size in body must be of type integer: \\"string\\"/)
})

test('annotations that look like them are texts, and built-in kinds keep theirs', async (t) => {
  const send = await startWorld(t)
  const config = `{"metadata":{"name":"c","annotations":{"example.com/n":"${BIG}","example.com/json":"{\\"n\\":${BIG}}"}},"data":{"n":"[${BIG}]"}}`
  const deployment = `{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"terminationGracePeriodSeconds":${BIG},"containers":[{"name":"c","image":"i"}]}}}}`

  await send('POST', '/api/v1/namespaces/ns/configmaps', config)
  await send('POST', '/apis/apps/v1/namespaces/ns/deployments', deployment)
  const storedConfig = await send('GET', '/api/v1/namespaces/ns/configmaps/c')
  const storedDeployment = await send('GET', '/apis/apps/v1/namespaces/ns/deployments/d')

  const { metadata, data } = JSON.parse(storedConfig) as { metadata: { annotations: object }; data: object }
  assert.deepEqual(metadata.annotations, { 'example.com/n': BIG, 'example.com/json': `{"n":${BIG}}` })
  assert.deepEqual(data, { n: `[${BIG}]` })
  assert.ok(storedDeployment.includes(`"terminationGracePeriodSeconds":${BIG}`), storedDeployment)
})

function versionOf(text: string): string | undefined {
  return /"resourceVersion":"(?<version>\d+)"/.exec(text)?.groups?.['version']
}
