// Holds discovery and OpenAPI of the built-in API against recorded answers and the published operations of Kubernetes 1.36.3.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../../src/kube/object.ts'
import {
  aggregatedDiscovery,
  legacyCoreVersions,
  legacyGroup,
  legacyGroupList,
  legacyResourceList,
} from '../../src/local-cluster/kinds/discovery.ts'
import { createOpenApiDocuments } from '../../src/local-cluster/kinds/openapi/documents.ts'
import { builtinResources } from '../../src/local-cluster/kinds/resources.ts'
import { CORPUS_ABSENT, corpusFolder, readCases } from '../support/corpus.ts'

interface RecordedCase {
  readonly scenario: string
  readonly name: string
  readonly request: { readonly path: string; readonly headers?: Readonly<Record<string, string>> }
  readonly response: { readonly code: number; readonly body?: JsonObject; readonly text?: string }
}

/** What we answer to the requests of the scenario that ask for discovery. */
function discoveryOf(path: string, isAggregated: boolean): JsonObject | undefined {
  const all = builtinResources()
  const [root, group = '', version] = path.split('/').filter((part) => part !== '')
  if (root === 'api' && group === '') return isAggregated ? aggregatedDiscovery(all, 'core') : legacyCoreVersions('<server>') // prettier-ignore
  if (root === 'api') return legacyResourceList(all, '', group)
  if (group === '') return isAggregated ? aggregatedDiscovery(all, 'named') : legacyGroupList(all)
  return version === undefined ? legacyGroup(all, group) : legacyResourceList(all, group, version)
}

test('answers discovery as the real server does', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  let compared = 0
  for (const { scenario, name, request, response } of readCases<RecordedCase>('kubernetes-api', 'cases.jsonl')) {
    const isDiscovery = scenario === 'discovery' && /^\/apis?(?:\/|$)/.test(request.path)
    if (!isDiscovery || response.code !== 200) continue
    const isAggregated = request.headers?.['accept']?.includes('APIGroupDiscoveryList') === true
    assert.deepEqual(discoveryOf(request.path, isAggregated), response.body, name)
    compared += 1
  }

  assert.ok(compared >= 10, `${compared} documents compared`)
  return undefined
})

test('lists the documents of OpenAPI v3 the real server lists', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  const cases = [...readCases<RecordedCase>('kubernetes-api', 'cases.jsonl')]
  const recorded = cases.find(({ scenario, name }) => scenario === 'discovery' && name === 'openapi-v3-index')
  const index = createOpenApiDocuments(builtinResources()).openApiV3Index()

  const plain = JSON.stringify(index).replaceAll(/hash=[0-9A-F]+/g, 'hash=<hash>')
  assert.deepEqual(JSON.parse(plain), JSON.parse(recorded?.response.text ?? '{}'))
  return undefined
})

interface Operation {
  readonly path: string
  readonly method: string
  readonly action?: string
  readonly gvk?: readonly [string, string, string]
}

const DOCUMENT = /^\/(?<path>api\/v1|apis\/[^/]+\/v\d+)\//
/** Conversations (exec, proxy) and the old watch paths have no schema that a client asks for. */
const SKIPPED = new Set<string | undefined>(['connect', 'watch', 'watchlist', undefined])

type Documents = ReturnType<typeof createOpenApiDocuments>

/** The kind we give the operation, as the corpus writes it; undefined where the version is not served. */
function kindOfOperation(documents: Documents, { path, method }: Operation): string | undefined {
  const text = documents.openApiV3Document(DOCUMENT.exec(path)?.groups?.['path'] ?? '')
  if (text === undefined) return undefined
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, JsonObject>> }
  const { group, version, kind } = (paths[path]?.[method.toLowerCase()]?.['x-kubernetes-group-version-kind'] ?? {}) as JsonObject // prettier-ignore
  return JSON.stringify([group, version, kind])
}

test('describes every operation on objects, each with its kind', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  const documents = createOpenApiDocuments(builtinResources())
  const wrong: string[] = []
  let described = 0
  for (const operation of readCases<Operation>('kubernetes-schema', 'operations.jsonl')) {
    const kind = SKIPPED.has(operation.action) ? undefined : kindOfOperation(documents, operation)
    if (kind === undefined) continue
    if (kind !== JSON.stringify(operation.gvk)) wrong.push(`${operation.method} ${operation.path}`)
    described += 1
  }

  assert.deepEqual(wrong, [])
  assert.ok(described > 500, `${described} operations described`)
  return undefined
})
