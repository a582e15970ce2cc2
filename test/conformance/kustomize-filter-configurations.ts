// What kustomize's own filter tests configure and the recorded cases cannot hold: candidates, functions, directives (api/filters at v5.8.1).
import type { FieldSpec } from '../../src/render/kustomize/field-spec.ts'

/** A resource that may be meant, with its name of before. */
export interface Candidate {
  readonly kind: string
  readonly name: string
  readonly namespace?: string
  readonly previous: string
  readonly prefix?: string
  readonly suffix?: string
}

export interface UnrecordedConfiguration {
  readonly candidates?: readonly Candidate[]
  readonly prefix?: string
  readonly suffix?: string
  readonly variables?: Readonly<Record<string, string | number | boolean>>
  readonly fieldSpec?: FieldSpec
  /** The patch as text. */
  readonly patch?: string
}

function secrets(prefixes: readonly string[], suffixes: readonly string[]): readonly Candidate[] {
  return ['newName', 'newName2'].map((name, i) => ({
    kind: 'Secret',
    name,
    previous: 'oldName',
    prefix: prefixes[i] ?? '',
    suffix: suffixes[i] ?? '',
  }))
}

function oneOfTwoKinds(previous = 'oldName'): readonly Candidate[] {
  return [
    { kind: 'Secret', name: 'newName', previous },
    { kind: 'NotSecret', name: 'newName2', previous: 'newName2' },
  ]
}

const BOTH = { FOO: 'foo', BAR: 'bar' }
const FIVE = { VAR: 5 }

function container(...lines: readonly string[]): string {
  const head = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: myDeploy\nspec:\n  template:\n    spec:\n'
  return head + lines.map((line) => `      ${line}\n`).join('')
}

function data(...lines: readonly string[]): string {
  const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: blabla\n  namespace: blabla-ns\ndata:\n'
  return head + lines.map((line) => `  ${line}\n`).join('')
}

/** By the number of the case. */
export const UNRECORDED: Readonly<Record<number, UnrecordedConfiguration>> = {
  21: { candidates: oneOfTwoKinds() },
  22: { candidates: oneOfTwoKinds('oldName1') },
  23: { candidates: oneOfTwoKinds() },
  24: {
    candidates: [
      { kind: 'Secret', name: 'newName', namespace: 'someNs', previous: 'oldName' },
      { kind: 'NotSecret', name: 'newName2', previous: 'oldName' },
      { kind: 'Secret', name: 'thirdName', previous: 'oldName' },
    ],
  },
  25: { candidates: oneOfTwoKinds() },
  26: { candidates: secrets([], []) },
  27: { candidates: secrets([], []) },
  28: { suffix: 'suffix1', candidates: secrets(['', 'prefix2'], ['suffix1', 'suffix2']) },
  29: { prefix: 'prefix1', suffix: 'suffix1', candidates: secrets(['prefix1', 'prefix2'], ['suffix1', 'suffix2']) },
  30: { prefix: 'prefix', suffix: 'suffix', candidates: secrets(['prefix', 'prefix'], ['suffix', 'suffix']) },
  31: { suffix: 'suffix', candidates: secrets([], ['suffix', 'suffix']) },
  32: { prefix: 'prefix', suffix: 'suffix', candidates: secrets(['prefix1', 'prefix2'], ['suffix1', 'suffix2']) },
  33: { prefix: 'prefix', candidates: secrets(['prefix', 'prefix'], []) },
  34: { prefix: 'prefix', suffix: 'suffix', candidates: secrets(['prefix1', 'prefix2'], ['suffix', 'suffix']) },
  35: { prefix: 'prefix', suffix: 'suffix', candidates: secrets(['prefix', 'prefix'], ['suffix1', 'suffix2']) },
  36: { prefix: 'prefix1', candidates: secrets(['prefix1', 'prefix2'], ['', 'suffix2']) },
  41: { patch: container('containers:', '- name: test', '  image: test', '  $patch: delete') },
  45: { patch: data('"6443": "barfoo"', '9110: "foo-foo"') },
  50: { patch: container('$patch: replace', 'containers:', '- name: new') },
  51: { patch: container('containers:', '- name: replace', '  image: replace', '- $patch: replace') },
  57: { patch: container('containers:', '- whatever', '- $patch: delete') },
  61: { patch: data('6443: "key-int"') },
  64: { variables: FIVE, fieldSpec: { path: 'spec/replicas' } },
  65: { variables: FIVE, fieldSpec: { path: 'spec/replicas' } },
  66: { variables: FIVE, fieldSpec: { path: 'a/b/c' } },
  67: { variables: { ...BOTH, BOOL: false, FLOAT: 1.23 }, fieldSpec: { path: 'data' } },
  68: { variables: BOTH, fieldSpec: { path: 'data' } },
  69: { variables: BOTH, fieldSpec: { path: 'data/slice2' } },
  70: { variables: {}, fieldSpec: { path: 'data/FOO' } },
  71: { variables: FIVE, fieldSpec: { path: 'data/slice' } },
  72: { variables: FIVE, fieldSpec: { path: 'data' } },
}
