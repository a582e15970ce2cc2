import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newEnforcer, newModelFromString, StringAdapter } from 'casbin'
import { matchesGlob } from '../../base/glob.ts'
import { createEnforcer, type MatchMode } from './enforcer.ts'
import { parsePolicy } from './policy-lines.ts'

const MODEL = `
[request_definition]
r = sub, res, act, obj
[policy_definition]
p = sub, res, act, obj, eft
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = g(r.sub, p.sub) && fits(r.res, p.res) && fits(r.act, p.act) && fits(r.obj, p.obj)
`

const SUBJECTS = ['alice', 'bob', 'role:a', 'role:b', 'role:c', 'team']
const RESOURCES = ['applications', 'clusters', '*', 'app*']
const ACTIONS = ['get', 'sync', 'delete', '*', 'action/*']
const OBJECTS = ['p/a', 'p/b', 'q/a', '*', 'p/*', '*/a', 'p/?']
const OBJECTS_ASKED = ['p/a', 'q/b']
const QUESTIONS = SUBJECTS.slice(0, 3).flatMap((subject) =>
  ['applications', 'clusters'].flatMap((resource) =>
    ['get', 'sync', 'action/x/y'].map((action) => ({ subject, resource, action })),
  ),
)
const POLICIES = 150

/** mulberry32: the same policies each time. */
function randomSource(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

function randomPolicy(below: (below: number) => number): string {
  const pick = (list: readonly string[]): string => list[below(list.length)] ?? ''
  const rules = Array.from({ length: 1 + below(8) }, () => {
    const effect = below(4) === 0 ? 'deny' : 'allow'
    return `p, ${pick(SUBJECTS)}, ${pick(RESOURCES)}, ${pick(ACTIONS)}, ${pick(OBJECTS)}, ${effect}`
  })
  const grants = Array.from({ length: below(6) }, () => `g, ${pick(SUBJECTS)}, ${pick(SUBJECTS)}`)
  return [...rules, ...grants.filter((line) => line.split(', ')[1] !== line.split(', ')[2])].join('\n')
}

test('decides a few thousand random requests as casbin does', async () => {
  const below = randomSource(7)
  const differences: string[] = []
  let asked = 0
  for (let round = 0; round < POLICIES; round++) {
    const policy = randomPolicy(below)
    const oracle = await newEnforcer(newModelFromString(MODEL), new StringAdapter(policy))
    await oracle.addFunction('fits', (text: string, pattern: string) => matchesGlob(pattern, text))
    const own = createEnforcer(parsePolicy(policy))
    for (const { subject, resource, action } of QUESTIONS) {
      const object = OBJECTS_ASKED[below(OBJECTS_ASKED.length)] ?? ''
      const wanted = await oracle.enforce(subject, resource, action, object)
      const got = own.isAllowed(subject, { resource, action, object })
      asked++
      if (got !== wanted) differences.push(`${subject} ${resource} ${action} ${object}: ${wanted}\n${policy}`)
    }
  }

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
