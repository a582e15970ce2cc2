// Which volume a claim gets, and why one it names will not do.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node } from '../kit/model.ts'
import { isPromisedTo, matchingVolume, mismatch, type Claim, type PersistentVolume } from './volume-model.ts'

function claim(spec: Claim['spec'] = {}): Claim {
  const asked = { accessModes: ['ReadWriteOnce'], storageClassName: 'c', resources: { requests: { storage: '2Gi' } } }
  const metadata = { name: 'claim', namespace: 'n', uid: 'u' }
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: { ...asked, ...spec } }
}

function volume(name: string, spec: Partial<PersistentVolume['spec']> = {}, more: object = {}): PersistentVolume {
  const given = { accessModes: ['ReadWriteOnce'], storageClassName: 'c', capacity: { storage: '5Gi' } }
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, labels: { tier: name } },
    spec: { ...given, ...spec } as PersistentVolume['spec'],
    status: { phase: 'Available' },
    ...more,
  }
}

function node(name: string): Node {
  const labels = { 'kubernetes.io/hostname': name }
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } }
}

function on(name: string): Partial<PersistentVolume['spec']> {
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }]
  return { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } } }
}

const promisedTo = (uid?: string): Partial<PersistentVolume['spec']> => ({
  claimRef: { namespace: 'n', name: 'claim', ...(uid === undefined ? {} : { uid }) },
})

test('a claim gets the volume promised to it, else the smallest available one that will do', () => {
  const cases: readonly [string, Claim, readonly PersistentVolume[], string | undefined][] = [
    ['the smallest', claim(), [volume('large'), volume('fit', { capacity: { storage: '3Gi' } })], 'fit'],
    ['a promise first', claim(), [volume('small', { capacity: { storage: '2Gi' } }), volume('mine', promisedTo())], 'mine'], // prettier-ignore
    ['a promise with its uid', claim(), [volume('mine', promisedTo('u'))], 'mine'],
    ['not what another has', claim(), [volume('theirs', promisedTo('other'))], undefined],
    ['not too small', claim(), [volume('tiny', { capacity: { storage: '1Gi' } })], undefined],
    ['the class', claim(), [volume('a', { storageClassName: 'd' })], undefined],
    ['the mode', claim({ volumeMode: 'Block' }), [volume('a'), volume('b', { volumeMode: 'Block' })], 'b'],
    ['the access', claim({ accessModes: ['ReadWriteMany'] }), [volume('a')], undefined],
    ['the labels', claim({ selector: { matchLabels: { tier: 'b' } } }), [volume('a'), volume('b')], 'b'],
    ['what is free', claim(), [volume('a', {}, { status: { phase: 'Released' } })], undefined],
    ['what stays', claim(), [volume('a', {}, { metadata: { name: 'a', deletionTimestamp: 'now' } })], undefined],
  ]
  for (const [name, wanting, volumes, wanted] of cases) {
    assert.equal(matchingVolume(wanting, volumes)?.metadata.name, wanted, name)
  }
})

test('a claim that waits for its pod gets only what is promised to it, and on a node what that reaches', () => {
  const volumes = [volume('x', on('a')), volume('y', on('b'))]

  assert.equal(matchingVolume(claim(), volumes, { isDelayed: true }), undefined)
  assert.equal(matchingVolume(claim(), [volume('p', promisedTo())], { isDelayed: true })?.metadata.name, 'p')
  assert.equal(matchingVolume(claim(), volumes, { node: node('b') })?.metadata.name, 'y')
  assert.equal(matchingVolume(claim(), volumes, { node: node('c') }), undefined)
  assert.equal(matchingVolume(claim(), volumes, { node: node('b'), excluded: new Set(['y']) }), undefined)
})

test('a volume that a claim names is refused in the words of the binder', () => {
  const gone = { metadata: { name: 'v', deletionTimestamp: 'now' } }
  const cases: readonly [PersistentVolume, Claim, string | undefined][] = [
    [volume('v'), claim(), undefined],
    [volume('v', {}, gone), claim(), 'the volume is marked for deletion "v"'],
    [volume('v', { capacity: { storage: '1Gi' } }), claim(), 'requested PV is too small'],
    [volume('v', { storageClassName: 'd' }), claim(), 'storageClassName does not match'],
    [volume('v', { volumeAttributesClassName: 'x' }), claim(), 'volumeAttributesClassName does not match'],
    [volume('v', { volumeMode: 'Block' }), claim(), 'incompatible volumeMode'],
    [volume('v', { accessModes: ['ReadOnlyMany'] }), claim(), 'incompatible accessMode'],
  ]
  for (const [given, wanting, why] of cases) assert.equal(mismatch(given, wanting), why)
})

test('a promise holds for the claim of that name, and of that uid where it has one', () => {
  assert.deepEqual(
    [volume('v'), volume('v', promisedTo()), volume('v', promisedTo('u')), volume('v', promisedTo('w'))].map((one) =>
      isPromisedTo(one, claim()),
    ),
    [false, true, true, false],
  )
})
