// Health of recorded objects against what the original engine answered.
import { test } from 'node:test'
import { assessBuiltIn } from '../../src/health/assess.ts'
import { assessCustomHealth } from '../../src/health/custom/custom.ts'
import type { Health } from '../../src/health/health.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { type CaseResult, compareWithKnownFailures, CORPUS_ABSENT, corpusFolder, readCases } from '../support/corpus.ts'

interface HealthCase {
  readonly id: string
  readonly expected: { readonly status: string; readonly message: string } | null
  readonly input: KubeObject
}

function compare({ id, expected }: HealthCase, health: Health | undefined): CaseResult {
  const got = health === undefined ? 'null' : JSON.stringify([health.status, health.message ?? ''])
  const wanted = expected === null ? 'null' : JSON.stringify([expected.status, expected.message])
  return { id, failure: got === wanted ? undefined : `got ${got}, expected ${wanted}` }
}

function withMetadata(object: KubeObject): KubeObject {
  return typeof object.metadata === 'object' ? object : { ...object, metadata: {} }
}

test('built-in kinds have the health that the original engine gives them', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  const cases = [...readCases<HealthCase>('gitops-engine', 'health.jsonl')]
  compareWithKnownFailures(
    'health',
    cases.map((each) => compare(each, assessBuiltIn(withMetadata(each.input)))),
  )
})

test('custom resources have the health that the original customizations give them', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  const cases = [...readCases<HealthCase>('health', 'cases.jsonl')]
  compareWithKnownFailures(
    'health-custom',
    cases.map((each) => compare(each, assessCustomHealth(withMetadata(each.input)))),
  )
})
