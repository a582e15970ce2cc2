// Replays what sigs.k8s.io/yaml reads and writes (recorded through helm 4.2.1) against our reader and writer.
import { isDeepStrictEqual } from 'node:util'
import { test } from 'node:test'
import { CONVERSION_PREFIX, YamlError } from '../../src/lang/yaml/error.ts'
import { composeYaml, parseYaml } from '../../src/lang/yaml/read.ts'
import { stringifyYaml } from '../../src/lang/yaml/write.ts'
import type { CaseResult } from '../support/corpus.ts'
import { CORPUS_ABSENT, compareWithKnownFailures, corpusFolder, readCases } from '../support/corpus.ts'

interface ReadCase {
  readonly yaml: string
  readonly object?: unknown
  readonly array?: unknown
  readonly error?: string
  readonly kustomize: { readonly output?: string; readonly error?: string }
}

interface WriteCase {
  readonly value: unknown
  readonly yaml: string
}

test('reads what go-yaml v2 and the conversion to JSON read, and fails in their words', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)

  const cases = [...readCases<ReadCase>('render/helm-probes', 'yaml-read.jsonl')]

  compareWithKnownFailures('yaml-read', cases.map(readResult))
})

test('fails where kustomize does, in the words and with the lines of yaml.v3', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)

  const cases = [...readCases<ReadCase>('render/helm-probes', 'yaml-read.jsonl')]

  compareWithKnownFailures('yaml-read-v3', cases.map(kustomizeResult))
})

test('writes what go-yaml v2 writes, byte for byte', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)

  const cases = [...readCases<WriteCase>('render/helm-probes', 'yaml-write.jsonl')]

  compareWithKnownFailures('yaml-write', cases.map(writeResult))
})

function readResult(item: ReadCase, index: number): CaseResult {
  const id = `${index + 1}`
  const wanted = item.object ?? item.array ?? item.error
  const got = readAsHelm(item)
  // The corpus records an empty document as an empty object, as fromYaml gives it.
  const same = isDeepStrictEqual(got, wanted) || (got === null && isDeepStrictEqual(wanted, {}))
  return { id, failure: same ? undefined : `${JSON.stringify(item.yaml)}: ${JSON.stringify(got)}` }
}

/** The value, or the error text that fromYaml would give, which takes objects and lists only. */
function readAsHelm(item: ReadCase): unknown {
  try {
    const value = parseYaml(item.yaml)
    if (typeof value === 'object' || item.error === undefined) return JSON.parse(JSON.stringify(value))
    const type = typeof value === 'boolean' ? 'bool' : typeof value
    return `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${type} into Go value of type map[string]interface {}`
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    return CONVERSION_PREFIX + error.message
  }
}

/** Only syntax is compared: what kustomize refuses later is not the reader's. */
function kustomizeResult(item: ReadCase, index: number): CaseResult {
  const wanted = /MalformedYAMLError: (?<problem>yaml: .*) in File/.exec(item.kustomize.error ?? '')?.groups?.[
    'problem'
  ]
  const document = `apiVersion: x/v1\nkind: X\nmetadata: {name: x}\nspec:\n${item.yaml.replace(/^(?=.)/gm, '  ')}`
  const got = syntaxProblem(document)
  const same = wanted === undefined ? got === undefined || item.kustomize.output === undefined : got === wanted
  return { id: `${index + 1}`, failure: same ? undefined : `${JSON.stringify(item.yaml)}: ${got} instead of ${wanted}` }
}

function syntaxProblem(text: string): string | undefined {
  try {
    composeYaml(text)
    return undefined
  } catch (error) {
    if (error instanceof YamlError) return error.messageV3
    throw error
  }
}

function writeResult(item: WriteCase, index: number): CaseResult {
  const got = writeAsHelm(item.value)
  const failure = got === item.yaml ? undefined : `${JSON.stringify(got)} instead of ${JSON.stringify(item.yaml)}`
  return { id: `${index + 1}`, failure }
}

/** toYaml: without the final newline, and empty where the value cannot be written. */
function writeAsHelm(value: unknown): string {
  try {
    return stringifyYaml(value).replace(/\n$/, '')
  } catch (error) {
    if (error instanceof YamlError) return ''
    throw error
  }
}
