// Which projects a registry credential is open to.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { refusalOf } from './policy.ts'

const NOBODY = { openTo: [] }

function may(address: string, project: string, sourceRepos: readonly string[] = [], owner = ''): boolean {
  const credential = { id: 'c', address, ...(owner === '' ? {} : { project: owner }) }
  // A project as far as the rules look at it.
  const asked = { metadata: { name: project }, spec: { sourceRepos } } as unknown as Parameters<typeof refusalOf>[1]
  return refusalOf(credential, asked, NOBODY) === undefined
}

describe('a registry credential', () => {
  test('of no project is for the project default, whatever that lists', () => {
    assert.ok(may('r.example.com', 'default'))
    assert.ok(may('r.example.com', 'default', ['*']))
  })

  const cases: readonly (readonly [address: string, entry: string, open: boolean])[] = [
    ['r.example.com', 'r.example.com', true],
    ['r.example.com', 'R.example.com/', true],
    ['r.example.com', 'oci://r.example.com', true],
    ['r.example.com', 'https://r.example.com/*', true],
    ['r.example.com', '*.example.com', true],
    ['r.example.com/team', 'r.example.com/team', true],
    ['r.example.com/team', 'r.example.com', true],
    ['r.example.com/team', 'r.example.com/*', true],
    ['r.example.com/team', 'r.example.com/other', false],
    ['r.example.com', 'r.example.com/team', false],
    ['r.example.com', 'r.example.com.evil.org', false],
    ['r.example.com:5000', 'r.example.com', false],
    ['docker.io', 'https://index.docker.io/v1/', true],
    ['https://index.docker.io/v1/', 'docker.io', true],
    ['r.example.com', '*', false],
    ['r.example.com', '**', false],
    ['r.example.com', 'https://*', false],
    ['r.example.com', '[', false],
  ]
  for (const [address, entry, open] of cases) {
    test(`of no project at ${address} is ${open ? '' : 'not '}for one whose sourceRepos hold ${entry}`, () => {
      assert.equal(may(address, 'team', ['https://git.example.com/x', entry]), open)
    })
  }

  test('is denied by an entry with !, whatever else fits', () => {
    assert.ok(!may('r.example.com', 'team', ['r.example.com', '!*.example.com']))
  })

  test('of a project is for that one alone', () => {
    assert.ok(may('r.example.com', 'team', [], 'team'))
    assert.ok(!may('r.example.com', 'default', ['r.example.com'], 'team'))
  })

  test('that is refused says how to allow it, and names no other project', () => {
    const project = { metadata: { name: 'team' }, spec: {} } as unknown as Parameters<typeof refusalOf>[1]
    assert.equal(
      refusalOf({ id: 'reg', address: 'r.example.com' }, project, NOBODY),
      'the registry credential reg is not open to project team: add r.example.com to spec.sourceRepos of the project, or register a credential for the project itself',
    )
    const other = refusalOf({ id: 'reg', address: 'r.example.com', project: 'secret-project' }, project, NOBODY)
    assert.doesNotMatch(other ?? '', /secret-project/)
    assert.equal(refusalOf({ id: 'reg', address: 'r.example.com' }, project, { openTo: ['te*'] }), undefined)
  })
})
