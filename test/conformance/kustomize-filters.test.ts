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
import type { MappingNode, Node } from '../../src/render/kustomize/node.ts'
import { nodeOfValue, textOf, valueOfNode } from '../../src/render/kustomize/node.ts'
import { readNodes } from '../../src/render/kustomize/read-nodes.ts'
import { setReplicaCount } from '../../src/render/kustomize/replicas.ts'
import { strategicMerge } from '../../src/render/kustomize/strategic-merge.ts'
import { addToNode } from '../../src/render/kustomize/value-add.ts'
import type { CaseResult } from '../support/corpus.ts'
import { CORPUS_ABSENT, compareWithKnownFailures, corpusFolder, readCases } from '../support/corpus.ts'
import { plainTree } from '../support/kustomize-cases.ts'

/** The struct of the filter with Go's field names: which there are depends on the filter. */
interface FilterConfig {
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
  const results = cases.map((item, i): CaseResult => ({ id: `${i + 1} ${item.filter}`, failure: failureOf(item) }))

  compareWithKnownFailures('kustomize-filters', results)
})

function failureOf(item: FilterCase): string | undefined {
  const filter = FILTERS[item.filter]
  if (filter === undefined || item.config === null)
    return 'the corpus does not have what the filter was configured with'
  const { config } = item
  try {
    const made = readNodes(item.input).map((node) => filter(node as MappingNode, config)) // resources are mappings
    if (item.error !== undefined) return 'filtered instead of failing'
    // The configuration has lost the order of a patch's keys.
    const view = item.filter === 'patchstrategicmerge' ? valueOf : plainTree
    const got = made.map((node) => view(node))
    const wanted = readNodes(item.output ?? '').map((node) => view(node))
    return isDeepStrictEqual(got, wanted) ? undefined : `${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`
  } catch (error) {
    return item.error === undefined ? `failed: ${messageOf(error)}` : undefined
  }
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
  patchstrategicmerge: (node, { Patch }) =>
    strategicMerge(nodeOfValue(Patch), node, { findSchema: builtinMergeSchema }),
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
