// Replays the tests of kustomize's filters (api/filters at v5.8.1). Order of keys and items counts, styles and comments do not.
import { isDeepStrictEqual } from 'node:util'
import { test } from 'node:test'
import { messageOf } from '../../src/base/errors.ts'
import type { FieldSpec } from '../../src/render/kustomize/field-spec.ts'
import { changeField, setScalar } from '../../src/render/kustomize/field-spec.ts'
import { changeContainers, imageChange } from '../../src/render/kustomize/images.ts'
import { patchNode, readOperations } from '../../src/render/kustomize/json-patch.ts'
import type { Image, Replica, Texts } from '../../src/render/kustomize/kustomization.ts'
import { builtinMergeSchema } from '../../src/render/kustomize/merge-schema.ts'
import { addEntries } from '../../src/render/kustomize/metadata.ts'
import { fixNameReferences } from '../../src/render/kustomize/name-reference-fix.ts'
import type { MappingNode, Node } from '../../src/render/kustomize/node.ts'
import { nodeOfValue, textOf, valueOfNode } from '../../src/render/kustomize/node.ts'
import { readNode, readNodes } from '../../src/render/kustomize/read-nodes.ts'
import type { Gvk } from '../../src/render/kustomize/res-id.ts'
import type { Resource } from '../../src/render/kustomize/resource.ts'
import { newResource } from '../../src/render/kustomize/resource.ts'
import { replaceVars } from '../../src/render/kustomize/vars.ts'
import { setReplicaCount } from '../../src/render/kustomize/replicas.ts'
import { strategicMerge } from '../../src/render/kustomize/strategic-merge.ts'
import { addToNode } from '../../src/render/kustomize/value-add.ts'
import type { CaseResult } from '../support/corpus.ts'
import { CORPUS_ABSENT, compareWithKnownFailures, corpusFolder, readCases } from '../support/corpus.ts'
import { plainTree } from '../support/kustomize-cases.ts'
import type { Candidate, UnrecordedConfiguration } from './kustomize-filter-configurations.ts'
import { UNRECORDED } from './kustomize-filter-configurations.ts'

/** The struct of the filter with Go's field names: which there are depends on the filter. */
interface FilterConfig extends UnrecordedConfiguration {
  readonly Annotations?: Texts
  readonly Labels?: Texts
  readonly FsSlice?: readonly FieldSpec[]
  readonly imageTag?: Image
  readonly Patch?: unknown
  readonly replica?: Replica
  readonly suffix?: string
  readonly fieldSpec?: FieldSpec
  readonly Value?: string
  readonly FieldPath?: string
  readonly filePathPosition?: number
  readonly NameFieldToUpdate?: FieldSpec
  readonly ReferralTarget?: Gvk
}

interface FilterCase {
  readonly filter: string
  readonly config: FilterConfig | null
  readonly input: string
  readonly output?: string
  readonly error?: string
}

test('filters as kustomize does', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)

  const cases = [...readCases<FilterCase>('render/kustomize-filters', 'cases.jsonl')]
  const results = cases.map((item, i): CaseResult => ({
    id: `${i + 1} ${item.filter}`,
    failure: failureOf(item, UNRECORDED[i + 1]),
  }))

  compareWithKnownFailures('kustomize-filters', results)
})

function failureOf(item: FilterCase, unrecorded: UnrecordedConfiguration = {}): string | undefined {
  const filter = FILTERS[item.filter]
  if (filter === undefined) return 'there is no such filter'
  const config = { ...item.config, ...unrecorded }
  try {
    const made = readNodes(item.input).map((node) => filter(node as MappingNode, config)) // resources are mappings
    if (item.error !== undefined) return 'filtered instead of failing'
    // The recorded configuration has lost the order of a patch's keys.
    const view = item.filter === 'patchstrategicmerge' && config.patch === undefined ? valueOf : plainTree
    const got = made.map((node) => view(node))
    const wanted = readNodes(item.output ?? '').map((node) => view(node))
    return isDeepStrictEqual(got, wanted) ? undefined : `${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`
  } catch (error) {
    return sameMessage(messageOf(error), item.error) ? undefined : `failed: ${messageOf(error)}`
  }
}

/** How kinds and texts of YAML's own errors are worded differs; what stands before a list of candidates must not. */
function sameMessage(got: string, wanted: string | undefined): boolean {
  if (wanted === undefined) return false
  return !wanted.startsWith('updating name reference') || got === wanted
}

function valueOf(node: Node | undefined): unknown {
  return node === undefined ? undefined : valueOfNode(node)
}

type Filter = (node: MappingNode, config: FilterConfig) => Node | undefined

const FILTERS: Readonly<Record<string, Filter>> = {
  annotations: (node, { Annotations = {}, FsSlice = [] }) => {
    addEntries(node, Annotations, FsSlice)
    return node
  },
  labels: (node, { Labels = {}, FsSlice = [] }) => {
    addEntries(node, Labels, FsSlice)
    return node
  },
  'imagetag-legacy': (node, { imageTag = {} }) => {
    changeContainers(node, imageChange(imageTag))
    return node
  },
  patchjson6902: (node, { Patch }) => patchNode(node, readOperations(String(Patch).trim())),
  nameref: (node, { candidates = [], prefix, suffix, NameFieldToUpdate = { path: '' }, ReferralTarget }) => {
    const referrer = withAffixes(newResource(node), { prefix, suffix })
    const reference = { ...ReferralTarget, referrers: [NameFieldToUpdate] }
    fixNameReferences([referrer, ...candidates.map(candidateResource)], [reference])
    return node
  },
  patchstrategicmerge: (node, { Patch, patch }) => {
    const source = patch === undefined ? nodeOfValue(Patch) : readNode(patch)
    return strategicMerge(source, node, { findSchema: builtinMergeSchema })
  },
  refvar: (node, { variables = {}, fieldSpec = { path: '' } }) => {
    const values = Object.entries(variables).map(([name, value]) => [name, nodeOfValue(value)] as const)
    replaceVars(node, [fieldSpec], new Map(values))
    return node
  },
  replicacount: (node, { replica = {}, fieldSpec = { path: '' } }) => {
    setReplicaCount(node, replica, fieldSpec)
    return node
  },
  suffix: (node, { suffix = '', fieldSpec = { path: '' } }) => {
    changeField(node, fieldSpec, { set: (value) => setScalar(textOf(value) + suffix)(value) })
    return node
  },
  valueadd: (node, { Value = '', FieldPath = '', filePathPosition = 0 }) => {
    addToNode(node, Value, { fieldPath: FieldPath, filePathPosition })
    return node
  },
}

interface Affixes {
  readonly prefix?: string | undefined
  readonly suffix?: string | undefined
}

function withAffixes(resource: Resource, { prefix = '', suffix = '' }: Affixes): Resource {
  return {
    ...resource,
    prefixes: prefix === '' ? [] : [prefix],
    suffixes: suffix === '' ? [] : [suffix],
  }
}

function candidateResource(candidate: Candidate): Resource {
  const { kind, name, namespace, previous } = candidate
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) }
  const node = nodeOfValue({ apiVersion: 'apps/v1', kind, metadata }) as MappingNode // a value that is an object
  const resource = { ...newResource(node), previous: [{ name: previous, namespace: 'default', kind }] }
  return withAffixes(resource, candidate)
}
