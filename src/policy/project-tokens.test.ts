import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AppProject, JWTToken } from '../crds/app-project.ts'
import { withTokensInStep } from './project-tokens.ts'

function project(
  inSpec: readonly JWTToken[] | undefined,
  inStatus: Readonly<Record<string, readonly JWTToken[]>> | undefined,
): AppProject {
  const jwtTokensByRole = Object.fromEntries(Object.entries(inStatus ?? {}).map(([role, items]) => [role, { items }]))
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: 'p' },
    spec: { roles: [{ name: 'ci', ...(inSpec === undefined ? {} : { jwtTokens: inSpec }) }] },
    ...(inStatus === undefined ? {} : { status: { jwtTokensByRole } }),
  }
}

const old = { iat: 1, id: 'old' }
const young = { iat: 3, exp: 9, id: 'young' }

test('what is in step stays the same object', () => {
  const even = project([young, old], { ci: [young, old] })
  assert.equal(withTokensInStep(even), even)
  const empty = project(undefined, undefined)
  assert.equal(withTokensInStep(empty), empty)
})

test('tokens of spec and status are joined by id, the newest first', () => {
  const { spec, status } = withTokensInStep(project([old], { ci: [young] }))
  assert.deepEqual(spec.roles?.[0]?.jwtTokens, [young, old])
  assert.deepEqual(status?.jwtTokensByRole, { ci: { items: [young, old] } })
})

test('a token without an id is known by the time of its issue', () => {
  const { spec, status } = withTokensInStep(project([{ iat: 5 }], { ci: [{ iat: 5, id: '5' }] }))
  assert.deepEqual(spec.roles?.[0]?.jwtTokens, [{ iat: 5, id: '5' }])
  assert.deepEqual(status?.jwtTokensByRole, { ci: { items: [{ iat: 5, id: '5' }] } })
})

test('a role that is gone loses its tokens', () => {
  const before = project([old], { ci: [old], gone: [young] })
  const { spec, status } = withTokensInStep(before)
  assert.equal(spec, before.spec)
  assert.deepEqual(status?.jwtTokensByRole, { ci: { items: [old] } })
})
