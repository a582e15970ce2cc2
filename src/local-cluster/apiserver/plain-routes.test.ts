// Paths beside the resources, and what a custom resource looks like in the document of OpenAPI v2.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import type { ApiRequest, ApiResponse } from '../../kube/client/transport.ts'
import { builtinCatalogue } from '../start-catalogue.ts'
import { openMemoryStore } from '../storage/open-store.ts'
import { createApiServer, type ApiServer } from './server.ts'
import { CLUSTER_ADMIN } from './user.ts'

function startServer(): ApiServer {
  return createApiServer({
    store: openMemoryStore(),
    catalogue: builtinCatalogue(),
    clock: new ManualClock(),
    log: silentLog,
  })
}

async function send(
  server: ApiServer,
  method: ApiRequest['method'],
  path: string,
  body?: object,
): Promise<ApiResponse> {
  const request = { method, path, headers: {}, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
  return server.handle(request, CLUSTER_ADMIN)
}

test('names the paths it serves, and serves each', async (t) => {
  const server = startServer()
  t.after(() => server.close())

  const { body } = await send(server, 'GET', '/')
  assert.ok(typeof body === 'string')
  const { paths } = JSON.parse(body) as { readonly paths: readonly string[] }
  const answers = await Promise.all(paths.map(async (path) => (await send(server, 'GET', path)).status))

  assert.ok(paths.includes('/apis/apps/v1'))
  assert.deepEqual(
    paths.filter((_path, index) => answers[index] !== 200),
    [],
  )
})

const DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Cluster',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['open', 'maybe'],
                properties: {
                  open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { hidden: { type: 'string' } } }, // prettier-ignore
                  maybe: { type: 'object', nullable: true, properties: { secret: { type: 'string' } } },
                },
              },
            },
          },
        },
      },
    ],
  },
}

test('tells custom resources to OpenAPI v2 without the inside of what v2 cannot say', async (t) => {
  const server = startServer()
  t.after(() => server.close())
  await send(server, 'POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', DEFINITION)

  let text = ''
  for (let turn = 0; turn < 100 && !text.includes('com.example.v1.Widget'); turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    const { body } = await send(server, 'GET', '/openapi/v2')
    text = Buffer.from(body as Uint8Array).toString('latin1')
  }

  const widget = text.slice(text.lastIndexOf('com.example.v1.Widget'))
  assert.deepEqual(
    ['open', 'maybe', 'hidden', 'secret'].map((name) => widget.includes(name)),
    [true, true, false, false],
  )
})
