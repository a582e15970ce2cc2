// Tests of what a sync says of kinds that are not there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unknownKindText } from './result-texts.ts'

const SERVED = [
  { group: '', version: 'v1', kind: 'Pod' },
  { group: 'argoproj.io', version: 'v1alpha1', kind: 'Fake' },
]
const AT = 'for requested resource app/one.'
const HERE = 'Version "v1alpha1" of argoproj.io/Fake is installed on the destination cluster.'

for (const [apiVersion, kind, text] of [
  ['argoproj.io/v2', 'Fake', `The Kubernetes API could not find version "v2" of argoproj.io/Fake ${AT} ${HERE}`],
  ['wrong.group/v1', 'Fake', `The Kubernetes API could not find version "v1" of wrong.group/Fake ${AT} ${HERE}`],
  ['argoproj.io/v1alpha1', 'Other', 'Other.argoproj.io "" not found'],
  ['v1', 'Other', 'Other "" not found'],
  [
    'none.io/v1',
    'None',
    `The Kubernetes API could not find none.io/None ${AT} Make sure the "None" CRD is installed on the destination cluster.`,
  ],
] as const) {
  test(`a sync of ${apiVersion} ${kind} says what is there instead`, () => {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]

    const told = unknownKindText({ group: group ?? '', version: version ?? '', kind }, 'app/one', SERVED)

    assert.equal(told, text)
  })
}
