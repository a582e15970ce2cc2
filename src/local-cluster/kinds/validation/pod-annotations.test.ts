// Annotations of pods that are refused, and warnings of files in each other's place.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { JsonObject } from '../../../kube/object.ts'
import { MAX_COMPARED_FILES, overlapWarnings } from '../warnings/overlapping-paths.ts'
import { annotationChangeFaults, podAnnotationFaults } from './pod-annotations.ts'

const MIRROR = 'kubernetes.io/config.mirror'
const COST = 'controller.kubernetes.io/pod-deletion-cost'
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/a'
const SPEC = { containers: [{ name: 'a' }] }

const ANNOTATIONS: readonly (readonly [
  what: string,
  annotations: JsonObject,
  spec: JsonObject,
  told: readonly string[],
])[] = [
  ['a mirror pod of no node', { [MIRROR]: 'x' }, SPEC, [`[${MIRROR}]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set`]], // prettier-ignore
  ['a mirror pod of a node', { [MIRROR]: 'x' }, { ...SPEC, nodeName: 'a' }, []],
  ['a cost below nothing', { [COST]: '-2147483648' }, SPEC, []],
  ['a cost with zeros in front', { [COST]: '007' }, SPEC, [`[${COST}]: Invalid value: "007": must be a 32bit integer`]],
  ['too high a cost', { [COST]: '2147483648' }, SPEC, [`[${COST}]: Invalid value: "2147483648": must be a 32bit integer`]], // prettier-ignore
  ['an unknown seccomp profile', { 'seccomp.security.alpha.kubernetes.io/pod': 'x' }, SPEC, ['.seccomp.security.alpha.kubernetes.io/pod: Invalid value: "x": must be a valid seccomp profile']], // prettier-ignore
  ['a profile of no container', { [APPARMOR]: 'unconfined' }, {}, [`[${APPARMOR}]: Invalid value: "a": container not found`]], // prettier-ignore
  ['an unknown profile', { [APPARMOR]: 'x' }, SPEC, [`[${APPARMOR}]: Invalid value: "x": invalid AppArmor profile name: "x"`]], // prettier-ignore
]

describe('annotations of pods', () => {
  for (const [what, annotations, spec, told] of ANNOTATIONS)
    test(`judges ${what}`, () => {
      const faults = podAnnotationFaults({ annotations, spec }, 'metadata.annotations')

      assert.deepEqual(faults.map(({ field, message }) => `${field}: ${message}`), told.map((text) => `metadata.annotations${text}`)) // prettier-ignore
    })

  test('lets a cost stay that was wrong before', () => {
    const annotations = { [COST]: '007' }

    assert.deepEqual(podAnnotationFaults({ annotations, spec: SPEC, before: annotations }, 'x'), [])
  })

  test('keeps what makes a mirror pod', () => {
    const pod = (annotations: JsonObject): JsonObject => ({ metadata: { annotations } })
    const said = (now: JsonObject, old: JsonObject): readonly string[] => annotationChangeFaults(pod(now), pod(old)).map(({ message }) => message) // prettier-ignore

    assert.deepEqual(said({ [MIRROR]: 'y' }, { [MIRROR]: 'x' }), ['Forbidden: may not remove or update mirror pod annotation']) // prettier-ignore
    assert.deepEqual(said({ [APPARMOR]: 'unconfined' }, {}), ['Forbidden: may not add AppArmor annotations'])
    assert.deepEqual(said({ other: 'y' }, { other: 'x' }), [])
  })

  test('warns of files below one another, once', () => {
    const items = ['a', 'a/b', 'a/b/', 'ab'].map((path) => ({ key: 'k', path }))

    assert.deepEqual(overlapWarnings({ name: 'v', secret: { secretName: 's', items } }), [
      'volume "v" (Secret "s"): overlapping paths: "a/b" with "a"',
      'volume "v" (Secret "s"): overlapping paths: "a/b" with "a/b"',
    ])
  })

  test('compares no more files than it has time for', () => {
    const items = Array.from({ length: MAX_COMPARED_FILES + 1 }, (_none, index) => ({ key: 'k', path: `f${index}` }))
    const last = { key: 'k', path: 'f0' }

    assert.deepEqual(overlapWarnings({ name: 'v', configMap: { name: 'c', items: [...items, last] } }), [])
    assert.equal(
      overlapWarnings({ name: 'v', configMap: { name: 'c', items: [...items.slice(0, 9), last] } }).length,
      1,
    )
  })
})
