// Constraints: explanations, limits and what the recorded cases do not show.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  MAX_CONSTRAINT_GROUPS,
  MAX_CONSTRAINT_LENGTH,
  explainConstraint,
  parseConstraint,
  satisfies,
} from './constraint.ts'
import { MAX_VERSION_LENGTH, compareVersions, parseVersion } from './version.ts'

describe('satisfies', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['1.2 - 1.4', '1.4.9', true],
    ['1.2 - 1.4.0', '1.4.1', false],
    ['>=1.2,<2', '1.9.9', true],
    ['^0.2', '0.2.9', true],
    ['^0.2', '0.3.0', false],
    ['~0', '0.9.0', true],
    ['*', '2.0.0-rc.1', false],
    ['>=1.20-0', '1.28.3-eks', true],
    ['!=1.2.x', '1.3.0', true],
    ['1.x || 3', '3.1.0', true],
  ]
  for (const [constraint, version, wanted] of cases) {
    test(`${version} ${wanted ? 'satisfies' : 'does not satisfy'} ${constraint}`, () => {
      assert.equal(satisfies(constraint, version), wanted)
    })
  }
})

test('explains in the words of Masterminds why a version does not do', () => {
  const explain = (constraint: string, version: string): string[] =>
    explainConstraint(parseConstraint(constraint), parseVersion(version))

  assert.deepEqual(explain('>=2 || 1.5', '1.4.0'), ['"1.4.0" is less than "2"', '"1.4.0" is less than "1.5"'])
  assert.deepEqual(explain('>=2', '2.1.0'), [])
  assert.deepEqual(explain('>=2 || <1', '2.1.0-rc.1'), [
    '"2.1.0-rc.1" is a prerelease version and the constraint is only looking for release versions',
  ])
})

test('orders prereleases part by part', () => {
  const texts = ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta.2', '1.0.0-beta.11', '1.0.0', '1.0.1']

  const sorted = texts.toReversed().map(parseVersion).toSorted(compareVersions)

  assert.deepEqual(
    sorted.map(({ original }) => original),
    texts,
  )
})

test('refuses texts beyond the limits', () => {
  assert.throws(() => parseVersion(`1.0.0-${'a'.repeat(MAX_VERSION_LENGTH)}`), /version string is too long/)
  assert.throws(() => parseConstraint(' '.repeat(MAX_CONSTRAINT_LENGTH + 1)), /constraint string is too long/)
  assert.throws(() => parseConstraint('1 ||'.repeat(MAX_CONSTRAINT_GROUPS)), /too many constraint groups/)
})
