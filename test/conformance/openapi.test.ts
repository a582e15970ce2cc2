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

type Paths = Record<string, Record<string, JsonObject>>

/** The paths of the document that has an operation, each document read once. */
function pathsOf(documents: ReturnType<typeof createOpenApiDocuments>): (name: string) => Promise<Paths | undefined> {
  const known = new Map<string, Paths | undefined>()
  return async (name) => {
    if (known.has(name)) return known.get(name)
    const text = await documents.openApiV3Document(name)
    const paths = text === undefined ? undefined : (JSON.parse(text) as { readonly paths: Paths }).paths
    known.set(name, paths)
    return paths
  }
}

/** The kind we give the operation, as the corpus writes it; undefined where the version is not served. */
function kindOfOperation(paths: Paths | undefined, { path, method }: Operation): string | undefined {
  if (paths === undefined) return undefined
  const { group, version, kind } = (paths[path]?.[method.toLowerCase()]?.['x-kubernetes-group-version-kind'] ?? {}) as JsonObject // prettier-ignore
  return JSON.stringify([group, version, kind])
}

test('describes every operation on objects, each with its kind', async (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  const pathsIn = pathsOf(createOpenApiDocuments(builtinResources()))
  const wrong: string[] = []
  let described = 0
  for (const operation of readCases<Operation>('kubernetes-schema', 'operations.jsonl')) {
    if (SKIPPED.has(operation.action)) continue
    const paths = await pathsIn(DOCUMENT.exec(operation.path)?.groups?.['path'] ?? '')
    const kind = kindOfOperation(paths, operation)
    if (kind === undefined) continue
    if (kind !== JSON.stringify(operation.gvk)) wrong.push(`${operation.method} ${operation.path}`)
    described += 1
  }

  assert.deepEqual(wrong, [])
  assert.ok(described > 500, `${described} operations described`)
  return undefined
})
