// Directory sources: which files are read, in which order, and how errors are worded.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ApplicationSource } from '../../crds/application.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Rendered } from '../contract.ts'
import type { MemoryFile } from '../../../test/support/memory-tree.ts'
import { memoryTree } from '../../../test/support/memory-tree.ts'
import { evaluateSource, loadSource } from '../render-source.ts'
import type { RenderRequest } from '../renderer.ts'
import { MAX_COMBINED_SIZE, MAX_DIRECTORY_DEPTH } from './renderer.ts'
import { jsonText } from '../../kube/json-digits.ts'

type Directory = NonNullable<ApplicationSource['directory']>

function requestFor(path: string, directory: Directory = {}): RenderRequest {
  return {
    application: { name: 'app', namespace: 'argocd', project: 'default', destinationNamespace: 'default' },
    source: { repoURL: 'https://git.example.com/repo', path, directory },
    revision: 'abc',
    cluster: { kubeVersion: '1.36.3', apiVersions: [] },
  }
}

async function render(files: Record<string, MemoryFile>, directory?: Directory): Promise<Rendered> {
  const request = requestFor('app', directory)
  const loaded = await loadSource('Directory', request, { tree: memoryTree(files, 'abc'), references: new Map() })
  return evaluateSource('Directory', request, loaded)
}

async function namesOf(files: Record<string, MemoryFile>, directory?: Directory): Promise<(string | undefined)[]> {
  return (await render(files, directory)).manifests.map((manifest) => manifest.metadata.name)
}

const manifest = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`

describe('which files of a directory count', () => {
  const files = {
    'app/b.yaml': manifest('b'),
    'app/a.yml': `# head\n---\n${manifest('a1')}---\n# nothing\n---\n\n--- # next\n${manifest('a2')}`,
    'app/c.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}',
    'app/deep/d.yaml': manifest('d'),
    'app/deep/e.yaml': manifest('e'),
    'app/notes.txt': manifest('notes'),
    'app/skipped.yaml': `# +argocd:skip-file-rendering\n${manifest('skipped')}`,
    'app/link.yaml': { link: 'app/b.yaml' },
    'app/dangling.yaml': { link: 'nowhere.yaml' },
    'other/x.yaml': manifest('x'),
  }
  const cases: readonly (readonly [string, Directory, readonly string[]])[] = [
    ['those of the path itself, in lexical order', {}, ['a1', 'a2', 'b', 'c', 'b']],
    ['all below it when recursing', { recurse: true }, ['a1', 'a2', 'b', 'c', 'd', 'e', 'b']],
    ['those that are included', { recurse: true, include: '{b.yaml,deep/*}' }, ['b', 'd', 'e']],
    ['not those that are excluded', { recurse: true, include: '*.yaml', exclude: '{link,deep/d}.yaml' }, ['b', 'e']],
    ['with a star that passes slashes', { recurse: true, include: '*e.yaml' }, ['e']],
  ]
  for (const [title, directory, names] of cases) {
    test(title, async () => assert.deepEqual(await namesOf(files, directory), names))
  }
})

describe('what a file holds', () => {
  test('lists give their items, whatever their kind is called', async () => {
    const list = (kind: string, items: string): string => `apiVersion: v1\nkind: ${kind}\nitems:${items}\n`
    const item = '\n- {apiVersion: v1, kind: Secret, metadata: {name: one}}'

    assert.deepEqual(await namesOf({ 'app/a.yaml': list('List', item) }), ['one'])
    assert.deepEqual(await namesOf({ 'app/a.yaml': list('SecretList', item) }), ['one'])
    assert.deepEqual(await namesOf({ 'app/a.yaml': list('List', '') }), [])
  })

  test('integers keep all their digits, keys like __proto__ are keys', async () => {
    const text = `${manifest('a')}data: {big: 9007199254740993}\n__proto__: {kind: Evil}\n`

    const { manifests } = await render({ 'app/a.yaml': text })

    assert.equal(jsonText((manifests[0] as KubeObject & { data: unknown }).data), '{"big":9007199254740993}')
    assert.deepEqual(Object.keys(manifests[0] ?? {}), ['apiVersion', 'kind', 'metadata', 'data', '__proto__'])
  })

  test('a file that cannot be read and is no manifest is passed over', async () => {
    assert.deepEqual(await namesOf({ 'app/a.yaml': 'a: {\n', 'app/b.yaml': manifest('b') }), ['b'])
    assert.deepEqual(await namesOf({ 'app/values.yaml': 'image: nginx\n' }), [])
  })
})

describe('errors of directory sources', () => {
  const cases: readonly (readonly [string, Record<string, MemoryFile>, string])[] = [
    [
      'a broken manifest is named with file, line and column',
      { 'app/a.yaml': `${manifest('a')}---\n${manifest('b')}\tx: y\n` },
      'Failed to unmarshal "a.yaml": failed to unmarshal manifest: error converting YAML to JSON: ' +
        'yaml: line 5: found a tab character that violates indentation (app/a.yaml:10:1)',
    ],
    [
      'a manifest without kind',
      { 'app/a.yaml': 'apiVersion: v1\nmetadata: {name: "kind:"}\n' },
      'Failed to unmarshal "a.yaml": failed to unmarshal manifest: error unmarshaling JSON: while decoding JSON: ' +
        `Object 'Kind' is missing in '{"apiVersion":"v1","metadata":{"name":"kind:"}}' (app/a.yaml)`,
    ],
    [
      'two objects in a JSON file',
      { 'app/a.json': '{"kind":"A"} {"kind":"B"}' },
      'Found multiple objects in "a.json". Only single objects are allowed in JSON files. (app/a.json)',
    ],
    ['a path that is not there', { 'x/a.yaml': manifest('a') }, 'app: app path does not exist'],
    ['a path that is a file', { app: manifest('a') }, 'app: app path is not a directory'],
    ['a link that leaves the tree', { 'app/a.yaml': { link: '../../x' } }, 'app/a.yaml: symbolic link leaves the tree'],
    [
      'too many bytes in all',
      { 'app/a.yaml': '#'.repeat(MAX_COMBINED_SIZE), 'app/b.yaml': '#' },
      'failed to get potentially valid manifests: exceeded max combined manifest file size',
    ],
  ]
  for (const [title, files, message] of cases) {
    test(title, async () => assert.rejects(render(files), { message }))
  }

  test('directories nested beyond the limit', async () => {
    const path = `app/${'d/'.repeat(MAX_DIRECTORY_DEPTH + 1)}a.yaml`

    await assert.rejects(render({ [path]: manifest('a') }, { recurse: true }), { code: 'limit' })
  })
})
