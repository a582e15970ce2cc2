// Protobuf bodies against the serialisations of k8s.io/api: decoding gives the JSON, encoding what decodes to it again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageOf } from '../../src/base/errors.ts'
import type { JsonObject } from '../../src/kube/object.ts'
import { decodeObject } from '../../src/kube/protobuf/decode-object.ts'
import { encodeObject } from '../../src/kube/protobuf/encode-object.ts'
import { compareWithKnownFailures, CORPUS_ABSENT, corpusFolder, readCases, type CaseResult } from '../support/corpus.ts'

interface Case {
  readonly id: string
  readonly pbBase64: string
  readonly json: JsonObject
}

test('decodes and encodes every kind as Kubernetes does', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)

  const results = [...readCases<Case>('protobuf', 'cases.jsonl')].map(outcome)

  compareWithKnownFailures('protobuf', results)
})

function outcome({ id, pbBase64, json }: Case): CaseResult {
  try {
    assert.deepEqual(decodeObject(Buffer.from(pbBase64, 'base64')).object, json)
    assert.equal(Buffer.from(encodeObject(json)).toString('base64'), pbBase64, 'encoded byte for byte')
    return { id }
  } catch (error) {
    return { id, failure: messageOf(error).replaceAll(/\s+/g, ' ').slice(0, 400) }
  }
}
