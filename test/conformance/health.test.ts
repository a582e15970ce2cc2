// Health of recorded objects against what the original engine answered.
import { test } from 'node:test'
import { assessHealth } from '../../src/health/assess.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { type CaseResult, compareWithKnownFailures, CORPUS_ABSENT, corpusFolder, readCases } from '../support/corpus.ts'

interface HealthCase {
  readonly id: string
  readonly expected: { readonly status: string; readonly message: string } | null
  readonly input: KubeObject
}

function run({ id, expected, input }: HealthCase): CaseResult {
  const health = assessHealth(input)
  const got = health === undefined ? 'null' : JSON.stringify([health.status, health.message ?? ''])
  const wanted = expected === null ? 'null' : JSON.stringify([expected.status, expected.message])
  return { id, failure: got === wanted ? undefined : `got ${got}, expected ${wanted}` }
}

test('built-in kinds have the health that the original engine gives them', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  compareWithKnownFailures('health', [...readCases<HealthCase>('gitops-engine', 'health.jsonl')].map(run))
})
