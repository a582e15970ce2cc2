// Tests that fields of a source come out as they went in, and what they do not know is kept.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApplicationSource, ApplicationSpec } from '../../../src/crds/application.ts'
import { readSource, toolOf, withSource, writeSource } from './parameters.ts'

const helm: ApplicationSource = {
  repoURL: 'https://git.example.com/deploy',
  path: 'web',
  targetRevision: 'main',
  helm: {
    valueFiles: ['values-dev.yaml'],
    parameters: [{ name: 'image.tag', value: '1.2', forceString: true }],
    ignoreMissingValueFiles: true,
  },
}

test('a source that was not changed stays as it is', () => {
  const cases: readonly ApplicationSource[] = [
    helm,
    { repoURL: 'r', path: 'p', kustomize: { images: ['a=b:1'], namePrefix: 'x-', commonLabels: { a: 'b' } } },
    { repoURL: 'r', path: 'p', directory: { recurse: true, include: '*.yaml', jsonnet: { libs: ['lib'] } } },
    { repoURL: 'r', chart: 'web', targetRevision: '1.0.0' },
  ]

  for (const source of cases) assert.deepEqual(writeSource(source, readSource(source), toolOf(source, '')), source)
})

test('what is emptied is left out, with the part that held it', () => {
  const form = { ...readSource(helm), valueFiles: [], parameters: [], targetRevision: ' ' }

  assert.deepEqual(writeSource(helm, form, 'helm'), {
    repoURL: helm.repoURL,
    path: 'web',
    helm: { ignoreMissingValueFiles: true },
  })
  const plain = { repoURL: 'r', directory: { include: '*.yaml' } }
  assert.deepEqual(writeSource(plain, { ...readSource(plain), include: '' }, 'directory'), { repoURL: 'r' })
})

test('the tool is what the source says, else what the controller has found', () => {
  assert.equal(toolOf({ repoURL: '' }, 'Kustomize'), 'kustomize')
  assert.equal(toolOf({ repoURL: '', kustomize: {} }, 'Helm'), 'kustomize')
  assert.equal(toolOf({ repoURL: '', chart: 'web' }, ''), 'helm')
  assert.equal(toolOf({ repoURL: '' }, 'Plugin'), 'directory')
})

test('one of several sources is changed, or the only one', () => {
  const [a, b, c] = [{ repoURL: 'a' }, { repoURL: 'b' }, { repoURL: 'c' }]
  const spec: ApplicationSpec = { project: 'default', destination: {} }

  assert.deepEqual(withSource({ ...spec, sources: [a, b] }, 1, c).sources, [a, c])
  assert.deepEqual(withSource({ ...spec, source: a }, 0, c).source, c)
})
