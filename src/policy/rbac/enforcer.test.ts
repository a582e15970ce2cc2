import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareWithCasbin } from '../../../test/support/rbac-policies.ts'
import { createEnforcer, type MatchMode } from './enforcer.ts'
import { parsePolicy } from './policy-lines.ts'

const POLICIES = 150

test('decides a few thousand random requests as casbin does', async () => {
  const { asked, differences } = await compareWithCasbin(POLICIES, 7)

  assert.equal(asked, 2700)
  assert.deepEqual(differences, [])
})

test('roles that name each other in a circle end', () => {
  const enforcer = createEnforcer(parsePolicy('g, a, b\ng, b, a\np, b, x, y, z, allow'))

  assert.equal(enforcer.isAllowed('a', { resource: 'x', action: 'y', object: 'z' }), true)
})

test('roles deeper than ten levels are not followed', () => {
  const chain = Array.from({ length: 12 }, (_, level) => `g, r${level}, r${level + 1}`)
  const enforcer = createEnforcer(
    parsePolicy([...chain, 'p, r10, x, y, z, allow', 'p, r12, x, y, far, allow'].join('\n')),
  )

  assert.equal(enforcer.isAllowed('r0', { resource: 'x', action: 'y', object: 'z' }), true)
  assert.equal(enforcer.isAllowed('r0', { resource: 'x', action: 'y', object: 'far' }), false)
})

test('regular expressions are those of Go, and cannot be made to backtrack', () => {
  const enforcer = createEnforcer(parsePolicy('p, a, (?i)^APPS$, .*, ^(x+x+)+y$, allow'), 'regex')

  assert.equal(enforcer.isAllowed('a', { resource: 'apps', action: 'get', object: 'xxxy' }), true)
  assert.equal(enforcer.isAllowed('a', { resource: 'apps', action: 'get', object: 'x'.repeat(200) }), false)
})

for (const mode of ['glob', 'regex'] as const satisfies readonly MatchMode[]) {
  test(`a pattern that does not compile matches nothing in ${mode} mode`, () => {
    const enforcer = createEnforcer(parsePolicy('p, a, [, y, z, allow'), mode)

    assert.equal(enforcer.isAllowed('a', { resource: '[', action: 'y', object: 'z' }), false)
  })
}
