// Tests of the plug-in generator against an HTTP client that records what it is asked.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonOf } from '../lang/go/json.ts'
import type { GeneratorServices, HttpRequest } from './contract.ts'
import { createGenerators } from './table.ts'
import { applicationSetOf, contextOf, secretContent } from '../../test/support/application-sets.ts'
import { transform } from './transform.ts'

const GO = { goTemplate: true }

async function generated(generator: object, spec: object, services: Partial<GeneratorServices>): Promise<unknown> {
  const set = applicationSetOf([generator], spec)
  const [entry] = set.spec.generators
  assert.ok(entry !== undefined)
  const results = await transform(entry, createGenerators(), contextOf(set, services))
  return JSON.parse(JSON.stringify(results.flatMap(({ parameters }) => parameters.map((one) => jsonOf(one)))))
}

test('the plug-in generator posts its input with the token', async () => {
  const requests: HttpRequest[] = []
  const services: Partial<GeneratorServices> = {
    readConfigMap: async () => ({ baseUrl: 'http://plugin.local', token: '$plugin:token', requestTimeout: '5' }),
    readSecret: async (_namespace, name) => (name === 'plugin' ? secretContent({ token: 's3cret' }) : undefined),
    http: async (request) => {
      requests.push(request)
      return { status: 200, headers: {}, text: '{"output":{"parameters":[{"a":{"b":1}}]}}' }
    },
  }
  const generator = {
    plugin: {
      configMapRef: { name: 'c' },
      input: { parameters: { k: 'v' } },
      values: { x: '{{ .a.b }}{{ .generator.input.parameters.k }}' },
    },
  }

  assert.deepEqual(await generated(generator, GO, services), [
    { a: { b: 1 }, generator: { input: { parameters: { k: 'v' } } }, values: { x: '1v' } },
  ])
  const [request] = requests
  assert.equal(request?.url, 'http://plugin.local/api/v1/getparams.execute')
  assert.equal(request?.headers?.['authorization'], 'Bearer s3cret')
  assert.equal(request?.body, '{"applicationSetName":"set","input":{"parameters":{"k":"v"}}}\n')
  assert.equal(request?.timeoutMs, 5000)
})

test('the plug-in generator tells what the service answered', async () => {
  const base = {
    readConfigMap: async () => ({ baseUrl: 'http://plugin.local/', token: '$plugin:token' }),
    readSecret: async () => secretContent({ token: 's3cret' }),
  }
  const answers: readonly (readonly [number, string, RegExp])[] = [
    [
      403,
      '{"message":"not you"}',
      /error listing params: error get api 'set': API error with status code 403: not you$/,
    ],
    [500, 'oops', /API error with status code 500: oops$/],
    [200, '<html>', /the plug-in's answer is no .*: <html>$/],
    [200, '{"output":{"parameters":[1]}}', /the plug-in's answer is no /],
  ]
  for (const [status, text, message] of answers) {
    const services = { ...base, http: async () => ({ status, headers: {}, text }) }
    await assert.rejects(generated({ plugin: { configMapRef: { name: 'c' } } }, {}, services), message)
  }
})
