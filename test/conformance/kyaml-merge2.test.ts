// Replays kyaml's merge tests (kyaml/yaml/merge2 of kustomize v5.8.1). Order of keys and items counts, comments do not.
import { isDeepStrictEqual } from 'node:util'
import { test } from 'node:test'
import { messageOf } from '../../src/base/errors.ts'
import { builtinMergeSchema } from '../../src/render/kustomize/merge-schema.ts'
import { readNode } from '../../src/render/kustomize/read-nodes.ts'
import { strategicMerge } from '../../src/render/kustomize/strategic-merge.ts'
import type { CaseResult } from '../support/corpus.ts'
import { CORPUS_ABSENT, compareWithKnownFailures, corpusFolder, readCases } from '../support/corpus.ts'
import { plainTree } from '../support/kustomize-cases.ts'

interface MergeCase {
  readonly description: string
  readonly source: string
  readonly dest: string
  readonly inferAssociativeLists: boolean
  readonly prepend: boolean
  readonly output?: string
  readonly error?: string
}

test('merges what kyaml merges', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)

  const cases = [...readCases<MergeCase>('render/kyaml-merge2', 'cases.jsonl')]
  const results = cases.map((item, i): CaseResult => ({ id: `${i + 1} ${item.description}`, failure: failureOf(item) }))

  compareWithKnownFailures('kyaml-merge2', results)
})

function failureOf(item: MergeCase): string | undefined {
  try {
    const merged = strategicMerge(readNode(item.source), readNode(item.dest), {
      findSchema: builtinMergeSchema,
      append: !item.prepend,
      inferKeys: item.inferAssociativeLists,
    })
    if (item.error !== undefined) return 'merged instead of failing'
    const [got, wanted] = [plainTree(merged), plainTree(readNode(item.output ?? ''))]
    return isDeepStrictEqual(got, wanted) ? undefined : `${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`
  } catch (error) {
    return item.error === undefined ? `failed: ${messageOf(error)}` : undefined
  }
}
