// No template of a generator leads to a project its author was not asked about.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { foreignProject } from './generator-projects.ts'

const list = (project?: string): object => ({
  list: { elements: [], ...(project === undefined ? {} : { template: { metadata: {}, spec: { project } } }) },
})

describe('projects of generators', () => {
  const cases: readonly (readonly [string, readonly unknown[], string | undefined])[] = [
    ['no template', [list()], undefined],
    ['a template without a project', [list('')], undefined],
    ['the same project', [list('team')], undefined],
    ['another project', [list('team'), list('admin')], 'admin'],
    ['a project that is filled in', [list('{{project}}')], '{{project}}'],
    ['another one in a matrix', [{ matrix: { generators: [list(), list('admin')] } }], 'admin'],
    ['another one of a matrix', [{ matrix: { generators: [], template: { spec: { project: 'admin' } } } }], 'admin'],
    ['another one in a merge in a matrix', [{ matrix: { generators: [{ merge: { generators: [list('admin')] } }] } }], 'admin'], // prettier-ignore
    ['every kind', [{ plugin: { template: { spec: { project: 'admin' } } } }], 'admin'],
    ['the second kind of one entry', [{ list: {}, git: { template: { spec: { project: 'admin' } } } }], 'admin'],
    ['nonsense', [null, 5, { matrix: 'x' }, { merge: { generators: {} } }, { list: { template: { spec: [] } } }], undefined], // prettier-ignore
  ]
  for (const [name, generators, expected] of cases) {
    test(`${name}: ${expected ?? 'none'}`, () => assert.equal(foreignProject(generators, 'team'), expected))
  }

  test('however deep, without a limit of the stack', () => {
    let nested = list('admin')
    for (let depth = 0; depth < 50_000; depth++) nested = { matrix: { generators: [nested] } }
    assert.equal(foreignProject([nested], 'team'), 'admin')
  })
})
