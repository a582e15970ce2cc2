// Tests what the page makes of changes to a project.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  isProjectName,
  isRoleName,
  listOf,
  policyLine,
  projectOfManifest,
  renamedPolicies,
  rowsOf,
  splitTexts,
  textRows,
  textsOf,
  withFields,
} from './project.ts'

test('rows become objects without what is empty', () => {
  const rows = rowsOf([{ server: 's', namespace: '*' }, {}], ['server', 'name', 'namespace'])

  assert.deepEqual(rows[0], { server: 's', name: '', namespace: '*' })
  assert.deepEqual(listOf(rows), [{ server: 's', namespace: '*' }])
  assert.deepEqual(listOf([{ group: '', kind: ' Pod ' }], ['group']), [{ group: '', kind: 'Pod' }])
  assert.deepEqual(textsOf([...textRows(['a']), { value: ' ' }]), ['a'])
})

test('takes away fields that are to be absent', () => {
  assert.deepEqual(withFields({ description: 'a', sourceRepos: [] }, { description: undefined }), { sourceRepos: [] })
})

test('knows names of projects and roles', () => {
  assert.deepEqual(['a', 'team-a.b', 'A', '-a', ''].map(isProjectName), [true, true, false, false, false])
  assert.deepEqual(
    ['ci_1', 'a b', 'taken'].map((name) => isRoleName(name, [{ name: 'taken' }])),
    [true, false, false],
  )
})

test('writes lines of policy and renames their subject', () => {
  const line = policyLine('web', 'ci', 'sync')

  assert.equal(line, 'p, proj:web:ci, applications, sync, web/*, allow')
  assert.deepEqual(renamedPolicies([line, 'g, x, y'], 'proj:web:cd'), [
    'p, proj:web:cd, applications, sync, web/*, allow',
    'g, x, y',
  ])
})

test('splits texts by commas and lines', () => {
  assert.deepEqual(splitTexts('a, b\n c,,'), ['a', 'b', 'c'])
})

test('takes spec, labels and annotations from YAML and nothing else', () => {
  const current = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: 'web', resourceVersion: '7', labels: { old: 'x' } },
    spec: {},
  }
  const manifest = { metadata: { name: 'web', uid: 'forged', labels: { team: 'a' } }, spec: { sourceRepos: ['*'] } }

  const { metadata, spec } = projectOfManifest(manifest, current)

  assert.deepEqual([metadata.resourceVersion, metadata.uid, metadata.labels], ['7', undefined, { team: 'a' }])
  assert.deepEqual(spec, { sourceRepos: ['*'] })
  assert.throws(() => projectOfManifest({ metadata: { name: 'other' }, spec: {} }, current), /other/)
  assert.throws(() => projectOfManifest({ kind: 'Application', spec: {} }, current), /Application/)
  assert.throws(() => projectOfManifest({}, current), /spec/)
})
