// Jsonnet files of directory sources: what they give, where imports are found, how errors are worded.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ApplicationSourceJsonnet } from '../../crds/application.ts'
import { memoryTree } from '../../../test/support/memory-tree.ts'
import type { LoadedSource, RenderRequest } from '../renderer.ts'
import { evaluateSource, loadSource } from '../render-source.ts'
import { MAX_IMPORTED_FILES, MAX_IMPORTED_SIZE } from './imports.ts'

function request(jsonnet: ApplicationSourceJsonnet): RenderRequest {
  return {
    application: { name: 'shop', namespace: 'argocd', project: 'default', destinationNamespace: 'prod' },
    source: { repoURL: 'https://git.example.com/repo', path: 'app', directory: { recurse: true, jsonnet } },
    revision: '0123456789',
    cluster: { kubeVersion: '1.36.3', apiVersions: [] },
  }
}

async function load(files: Record<string, string>, jsonnet: ApplicationSourceJsonnet): Promise<LoadedSource> {
  return loadSource('Directory', request(jsonnet), { tree: memoryTree(files, 'abc'), references: new Map() })
}

async function render(files: Record<string, string>, jsonnet: ApplicationSourceJsonnet = {}): Promise<unknown[]> {
  const { manifests } = evaluateSource('Directory', request(jsonnet), await load(files, jsonnet))
  return manifests.map((manifest) => [manifest.metadata.name, (manifest as { data?: unknown }).data])
}

const MAP = `function(name, data) {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: name}, data: data}`

describe('a Jsonnet file of a directory', () => {
  test('gives one object or a list, between the YAML files around it', async () => {
    const files = {
      'app/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
      'app/b.jsonnet': `local map = ${MAP}; [map('b1', {x: 'y'}), map('b2', {})]`,
      'app/c.jsonnet': `(${MAP})('c', {big: 9007199254740993})`,
    }
    // A number is a double: 2^53 + 1 is not among them.
    const wanted = [
      ['a', undefined],
      ['b1', { x: 'y' }],
      ['b2', {}],
      ['c', { big: 9007199254740992n }],
    ]
    assert.deepEqual(await render(files), wanted)
  })

  test('takes variables and arguments as text and code, with the build environment put in', async () => {
    const files = {
      'app/a.jsonnet': `function(where, count=1) (${MAP})(std.extVar('app'), {where: where, count: '' + count})`,
    }
    const extVars = [{ name: 'app', value: '$ARGOCD_APP_NAME', code: false }]
    const tlas = [
      { name: 'where', value: '${ARGOCD_APP_NAMESPACE}!', code: false },
      { name: 'count', value: '1 + 2', code: true },
    ]
    assert.deepEqual(await render(files, { extVars, tlas }), [['shop', { where: 'prod!', count: '3' }]])
  })

  test('imports from beside the importing file, the libraries from last to first, and the source path', async () => {
    const files = {
      'app/sub/a.jsonnet': `(${MAP})('a', {one: import 'x.libsonnet', two: import 'y.libsonnet', own: importstr 'own.txt'})`,
      'app/own.txt': 'own',
      'lib1/x.libsonnet': "'lib1 x'",
      'lib1/y.libsonnet': "'lib1 y' + importstr 'z.txt'",
      'lib1/z.txt': ' z1',
      'lib2/x.libsonnet': "'lib2 x'",
      'lib2/z.txt': ' z2',
    }
    const wanted = [['a', { one: 'lib2 x', two: 'lib1 y z1', own: 'own' }]]
    assert.deepEqual(await render(files, { libs: ['lib1', 'lib2'] }), wanted)
  })

  test('depends on what it imports and on the places where that was looked for in vain', async () => {
    const files = { 'app/a.jsonnet': `import 'deep/b.libsonnet'`, 'lib/deep/b.libsonnet': `import 'c.libsonnet'` }
    const { files: loaded } = await load({ ...files, 'lib/deep/c.libsonnet': '{}' }, { libs: ['lib'] })
    assert.deepEqual([...loaded.files.keys()].toSorted(), [
      'app/a.jsonnet',
      'lib/deep/b.libsonnet',
      'lib/deep/c.libsonnet',
    ])
    assert.equal(loaded.missing.includes('app/deep/b.libsonnet'), true)
  })

  const failures: readonly (readonly [string, string, RegExp])[] = [
    [
      'the place of what is wrong',
      '{a: nobody}',
      /^Failed to evaluate jsonnet "a\.jsonnet": app\/a\.jsonnet:1:5-11 Unknown variable: nobody$/,
    ],
    [
      'what the program says',
      'error "stop"',
      /^Failed to evaluate jsonnet "a\.jsonnet": RUNTIME ERROR: stop\n\tapp\/a\.jsonnet:1:1-13\t/,
    ],
    [
      'something that is no object',
      '[1]',
      /^Failed to unmarshal generated json "a\.jsonnet": expected an object, found 1$/,
    ],
    ['an object without a kind', '{}', /^Failed to unmarshal generated json "a\.jsonnet": Object 'Kind' is missing$/],
    ['an import above the repository', "import '../../etc/passwd'", /couldn't open import "\.\.\/\.\.\/etc\/passwd"/],
    ['an absolute import', "import '/etc/passwd'", /couldn't open import "\/etc\/passwd"/],
  ]
  for (const [what, program, message] of failures) {
    test(`fails with ${what}`, async () => {
      await assert.rejects(render({ 'app/a.jsonnet': program }), { code: 'bad-input', message })
    })
  }

  test('a library outside the repository is refused', async () => {
    const rendering = render({ 'app/a.jsonnet': '{}' }, { libs: ['../other'] })
    await assert.rejects(rendering, { code: 'forbidden', message: /'\.\.\/other' resolved to outside repository root/ })
  })
})

describe('limits of programs', () => {
  test('more files than a source may import', async () => {
    const files: Record<string, string> = {}
    for (let i = 0; i <= MAX_IMPORTED_FILES; i++) files[`app/l${i}.libsonnet`] = `import 'l${i + 1}.libsonnet'`

    await assert.rejects(load({ ...files, 'app/a.jsonnet': "import 'l0.libsonnet'" }, {}), {
      code: 'limit',
      message: /imports more than 5000 files/,
    })
  })

  test('more bytes than a source may import', async () => {
    const big = ' '.repeat(MAX_IMPORTED_SIZE / 4 + 1)
    const names = ['a', 'b', 'c', 'd']
    const files = Object.fromEntries(names.map((name) => [`app/${name}.txt`, big]))
    const program = `[${names.map((name) => `importstr '${name}.txt'`).join(', ')}]`

    await assert.rejects(load({ ...files, 'app/a.jsonnet': program }, {}), { code: 'limit' })
  })

  test('switched off, programs are passed over and other files are not', async () => {
    const files = {
      'app/a.jsonnet': 'error "ran"',
      'app/b.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n',
    }
    const off = { ...request({}), options: { isJsonnetEnabled: false } }
    const loaded = await loadSource('Directory', off, { tree: memoryTree(files, 'abc'), references: new Map() })

    const { manifests } = evaluateSource('Directory', off, loaded)

    assert.deepEqual(
      manifests.map(({ metadata }) => metadata.name),
      ['b'],
    )
  })
})
