// Differences between recorded objects against what the original engine answered.
import { test } from 'node:test'
import { messageOf } from '../../src/base/errors.ts'
import { compareObject } from '../../src/diff/compare.ts'
import type { DiffOptions } from '../../src/diff/contract.ts'
import { asJson } from '../../src/diff/edit.ts'
import { hideSecretData } from '../../src/diff/mask.ts'
import { normalizeSecret } from '../../src/diff/normalize.ts'
import { compareStructured } from '../../src/diff/structured-merge.ts'
import { deepEqual } from '../../src/kube/json-value.ts'
import { kindOf, type JsonObject, type JsonValue, type KubeObject } from '../../src/kube/object.ts'
import { builtinSchema } from '../../src/kube/schema/schema.ts'
import { rulesFor } from '../../src/local-cluster/kinds/rules.ts'
import { type CaseResult, compareWithKnownFailures, CORPUS_ABSENT, corpusFolder, readCases } from '../support/corpus.ts'

interface DiffCase {
  readonly id: string
  readonly op: 'diff' | 'serverSideDiff' | 'structuredMergeDiff' | 'hideSecretData' | 'normalizeSecret'
  readonly options?: {
    readonly ignoreAggregatedRoles: boolean
    readonly ignoreMutationWebhook: boolean
    readonly ignoreFields?: readonly (readonly string[])[]
  }
  readonly manager?: string
  readonly config: KubeObject | null
  readonly live: KubeObject | null
  readonly dryRunResult?: KubeObject
  readonly modified?: boolean
  readonly normalizedLive?: JsonValue
  readonly predictedLive?: JsonValue
  readonly hideAnnotations?: Readonly<Record<string, boolean>> | null
  readonly maskedConfig?: JsonValue
  readonly maskedLive?: JsonValue
  readonly input?: JsonObject
  readonly result?: JsonValue
}

const MODES = { diff: 'three-way', serverSideDiff: 'server-side', structuredMergeDiff: 'structured-merge' } as const

function applyDefaults(object: KubeObject): KubeObject {
  return rulesFor(kindOf(object))?.setDefaults?.(object) ?? object
}

function optionsOf(item: DiffCase, mode: NonNullable<DiffOptions['mode']>): DiffOptions {
  return {
    mode,
    applyDefaults,
    ...(item.manager === undefined ? {} : { manager: item.manager }),
    ...(item.dryRunResult === undefined ? {} : { dryRunResult: item.dryRunResult }),
    ignoreAggregatedRoles: item.options?.ignoreAggregatedRoles ?? false,
    includeMutationWebhook: item.options?.ignoreMutationWebhook === false,
    ignore: (item.options?.ignoreFields ?? []).map((path) => ({
      group: '*',
      kind: '*',
      jsonPointers: [`/${path.join('/')}`],
    })),
  }
}

function asDocument(object: KubeObject | undefined): JsonValue {
  return object === undefined ? null : asJson(object)
}

function answer(item: DiffCase): JsonObject {
  const [config, live] = [item.config ?? undefined, item.live ?? undefined]
  if (item.op === 'normalizeSecret') return { result: normalizeSecret(item.input ?? {}) }
  if (item.op === 'hideSecretData') {
    const hidden = Object.entries(item.hideAnnotations ?? {}).filter(([, hides]) => hides)
    const masked = hideSecretData(config, live, new Set(hidden.map(([name]) => name)))
    return { maskedConfig: asDocument(masked.wanted), maskedLive: asDocument(masked.live) }
  }
  const options = optionsOf(item, MODES[item.op])
  const isInner = item.op === 'structuredMergeDiff' && config !== undefined && live !== undefined
  const difference = isInner
    ? compareStructured({ wanted: config, live }, builtinSchema(kindOf(config)), options)
    : compareObject(config, live, options)
  return {
    modified: difference.isModified,
    normalizedLive: asDocument(difference.normalizedLive),
    predictedLive: asDocument(difference.predictedLive),
  }
}

function run(item: DiffCase): CaseResult {
  try {
    const got = answer(item)
    const wrong = Object.keys(got).filter((key) => !deepEqual(got[key], expectedOf(item, key)))
    return { id: item.id, failure: wrong.length === 0 ? undefined : `${wrong.join(', ')} differ` }
  } catch (error) {
    return { id: item.id, failure: messageOf(error) }
  }
}

function expectedOf(item: DiffCase, key: string): JsonValue | undefined {
  const value = (item as unknown as JsonObject)[key] // the corpus README names these fields
  return value
}

test('[TestThreeWayDiffExample] [TestDiff_KnownTypeInvalidValue] [TestHideSecretData] [TestStructuredMergeDiff] [TestUnsortedEndpoints] objects differ as the original engine says', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  compareWithKnownFailures('diff', [...readCases<DiffCase>('gitops-engine', 'diff.jsonl')].map(run))
})
