// Which tool a source is for.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ApplicationSource } from '../crds/application.ts'
import type { SourceType } from './contract.ts'
import { detectSourceType, sourcePath } from './detect.ts'
import { memoryTree } from '../../test/support/memory-tree.ts'

const repoURL = 'https://git.example.com/repo'

describe('detectSourceType', () => {
  const cases: readonly (readonly [string, Partial<ApplicationSource>, readonly string[], SourceType])[] = [
    ['an explicit block wins over files', { directory: {} }, ['Chart.yaml'], 'Directory'],
    ['a chart is Helm', { chart: 'web' }, [], 'Helm'],
    ['Chart.yaml is Helm', {}, ['Chart.yaml', 'values.yaml'], 'Helm'],
    ['a name that ends in Chart.yaml is Helm', {}, ['MyChart.yaml'], 'Helm'],
    ['a kustomization is Kustomize', {}, ['kustomization.yml'], 'Kustomize'],
    ['the later file of both wins', {}, ['Chart.yaml', 'kustomization.yaml'], 'Kustomize'],
    ['the later file of both wins the other way', {}, ['kustomization.yaml', 'zChart.yaml'], 'Helm'],
    ['files of directories below do not count', {}, ['sub/Chart.yaml'], 'Directory'],
    ['anything else is a directory', {}, ['a.yaml'], 'Directory'],
  ]
  for (const [title, source, names, wanted] of cases) {
    test(title, async () => {
      const tree = memoryTree(Object.fromEntries(names.map((name) => [`app/${name}`, 'x'])), 'abc')

      assert.equal(await detectSourceType({ repoURL, path: 'app', ...source }, tree), wanted)
    })
  }

  test('a type that is switched off falls back to Directory', async () => {
    const tree = memoryTree({ 'Chart.yaml': 'x' }, 'abc')

    assert.equal(await detectSourceType({ repoURL, path: '.' }, tree, { disabled: new Set(['Helm']) }), 'Directory')
  })

  test('two blocks are an error', async () => {
    const source = { repoURL, helm: {}, kustomize: {} }

    await assert.rejects(detectSourceType(source, memoryTree({}, 'abc')), {
      message: 'multiple application sources defined: Kustomize,Helm',
    })
  })
})

test('sourcePath keeps a path inside the tree', () => {
  assert.equal(sourcePath({ repoURL, path: './a//b/../c/' }), 'a/c')
  assert.equal(sourcePath({ repoURL }), '')
  assert.throws(() => sourcePath({ repoURL, path: '/a' }), { message: '/a: app path is absolute' })
  assert.throws(() => sourcePath({ repoURL, path: 'a/../..' }), { message: 'a/../..: app path outside root' })
})
