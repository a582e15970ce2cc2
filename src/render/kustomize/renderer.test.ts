// Kustomize sources end to end: the examples exactly as the real kustomize builds them, and an Application's own changes.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, test } from 'node:test'
import type { ApplicationSource } from '../../crds/application.ts'
import { stringifyYaml } from '../../lang/yaml/write.ts'
import type { Rendered } from '../contract.ts'
import { memoryTree } from '../../../test/support/memory-tree.ts'
import { evaluateSource, loadSource } from '../render-source.ts'
import type { RenderRequest } from '../renderer.ts'

type Kustomize = NonNullable<ApplicationSource['kustomize']>

function requestFor(path: string, kustomize?: Kustomize): RenderRequest {
  return {
    application: { name: 'shop', namespace: 'argocd', project: 'default', destinationNamespace: 'store' },
    source: { repoURL: 'https://git.example.com/repo', path, ...(kustomize === undefined ? {} : { kustomize }) },
    revision: '0123456789abcdef',
    cluster: { kubeVersion: '1.36.3', apiVersions: [] },
  }
}

type Files = Readonly<Record<string, string>>

async function render(files: Files, path: string, kustomize?: Kustomize): Promise<Rendered> {
  const request = requestFor(path, kustomize)
  const loaded = await loadSource('Kustomize', request, { tree: memoryTree(files, 'abc'), references: new Map() })
  return evaluateSource('Kustomize', request, structuredClone(loaded))
}

async function print(files: Files, path: string, kustomize?: Kustomize): Promise<string> {
  const { manifests } = await render(files, path, kustomize)
  return manifests.map((manifest) => stringifyYaml(manifest)).join('---\n')
}

const EXAMPLES = join(import.meta.dirname, '../../../examples')

function exampleFiles(folder: string): Files {
  const entries = readdirSync(join(EXAMPLES, folder), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(files.map((file) => [relative(EXAMPLES, file), readFileSync(file, 'utf8')]))
}

describe('the guestbook example', () => {
  for (const overlay of ['dev', 'prod']) {
    test(`[002-03] builds its overlay ${overlay} as kustomize 5.8.1 does`, async () => {
      const golden = readFileSync(join(import.meta.dirname, `testdata/guestbook-${overlay}.yaml`), 'utf8')

      assert.equal(await print(exampleFiles('guestbook'), `guestbook/overlays/${overlay}`), golden)
    })
  }

  test('depends on what it reads and on names looked for in vain', async () => {
    const request = requestFor('guestbook/overlays/dev')
    const tree = memoryTree(exampleFiles('guestbook'), 'abc')

    const { files } = await loadSource('Kustomize', request, { tree, references: new Map() })

    assert.deepEqual(
      [...files.files.keys()].toSorted(),
      ['base/deployment.yaml', 'base/kustomization.yaml', 'base/service.yaml', 'overlays/dev/kustomization.yaml'].map(
        (path) => `guestbook/${path}`,
      ),
    )
    assert.ok(files.missing.includes('guestbook/overlays/dev/kustomization.yml'))
  })
})

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry:5000/web:1
`

const APP: Files = {
  'app/kustomization.yaml': 'resources: [web.yaml]\nimages: [{name: other, newTag: "2"}]\n',
  'app/web.yaml': DEPLOYMENT,
  'more/kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -more\n',
}

async function web(kustomize: Kustomize, files: Files = APP): Promise<Record<string, never>> {
  const { manifests } = await render(files, 'app', kustomize)
  return manifests[0] as never // the tests look at fields of the one Deployment
}

describe("an Application's kustomize block", () => {
  test('sets prefix, suffix and namespace', async () => {
    const { metadata } = await web({ namePrefix: 'a-', nameSuffix: '-z', namespace: 'n' })

    assert.deepEqual(metadata, { name: 'a-web-z', namespace: 'n' })
  })

  const images: readonly (readonly [string, string])[] = [
    ['registry:5000/web:2', 'registry:5000/web:2'],
    ['registry:5000/web=ghcr.io/web:$ARGOCD_APP_REVISION_SHORT', 'ghcr.io/web:0123456'],
    ['registry:5000/web=ghcr.io/web', 'ghcr.io/web:1'],
    ['registry:5000/web@sha256:abc', 'registry:5000/web@sha256:abc'],
  ]
  for (const [image, wanted] of images) {
    test(`sets the image ${image}`, async () => {
      const made = await print(APP, 'app', { images: [image] })

      assert.ok(made.includes(`image: ${wanted}\n`), made)
    })
  }

  test('sets replicas, of numbers and of texts', async () => {
    const made = await print(APP, 'app', { replicas: [{ name: 'web', count: '3' }] })

    assert.ok(made.includes('replicas: 3\n'))
  })

  test('adds labels to selectors unless told otherwise', async () => {
    const withSelectors = await print(APP, 'app', { commonLabels: { team: '$ARGOCD_APP_NAME' } })
    const without = await print(APP, 'app', { commonLabels: { team: 'x' }, labelWithoutSelector: true })
    const templates = { commonLabels: { team: 'x' }, labelWithoutSelector: true, labelIncludeTemplates: true }

    assert.equal(withSelectors.match(/team: shop/g)?.length, 3)
    assert.equal(without.match(/team: x/g)?.length, 1)
    assert.equal((await print(APP, 'app', templates)).match(/team: x/g)?.length, 2)
  })

  test('refuses to change a label or annotation of the file unless forced', async () => {
    const files = { ...APP, 'app/kustomization.yaml': 'resources: [web.yaml]\ncommonAnnotations: {a: "1"}\n' }

    await assert.rejects(web({ commonAnnotations: { a: '2' } }, files), {
      message:
        'kustomize build app failed: annotation a already in kustomization file. Use --force to override. (app/kustomization.yaml)',
    })
    const { metadata } = await web({ commonAnnotations: { a: '$X' }, forceCommonAnnotations: true }, files)
    assert.deepEqual(metadata, { name: 'web', annotations: { a: '$X' } })
  })

  test('applies patches behind those of the file', async () => {
    const patch = '[{"op": "add", "path": "/metadata/labels", "value": {"p": "q"}}]'
    const { metadata } = await web({ patches: [{ target: { kind: 'Deployment' }, patch }] })

    assert.deepEqual(metadata, { name: 'web', labels: { p: 'q' } })
  })

  test('adds components, and leaves out missing ones if asked', async () => {
    const { metadata } = await web({ components: ['../more', '../none'], ignoreMissingComponents: true })

    assert.deepEqual(metadata, { name: 'web-more' })
    await assert.rejects(web({ components: ['../none'] }), { code: 'not-found', message: /\.\.\/none/ })
  })
})

describe('errors of kustomize sources', () => {
  const cases: readonly (readonly [string, Files, string, RegExp])[] = [
    [
      'a remote base is refused where nothing is fetched',
      { 'app/kustomization.yaml': 'resources: ["https://github.com/o/r//p?ref=v1"]' },
      'unsupported',
      /remote addresses are not fetched here \(app\/kustomization\.yaml: resources\)/,
    ],
    [
      'a program or function is refused by its kind',
      { 'app/kustomization.yaml': 'transformers: ["{apiVersion: x/v1, kind: Run, metadata: {name: a}}"]' },
      'unsupported',
      /external plugin 'Run': programs and KRM functions are not run/,
    ],
    [
      'a wrong field is named with its file',
      { 'app/kustomization.yaml': 'resources: x' },
      'bad-input',
      /cannot unmarshal string into Go struct field Kustomization\.resources of type \[\]string \(app\/kustomization\.yaml\)$/,
    ],
  ]
  test('a patch is named with its file and place in the list, also of a base', async () => {
    const files = {
      'app/kustomization.yaml': 'resources: [../base]',
      'base/kustomization.yaml': 'resources: [a.yaml]\npatches: [{patch: "[]"}, {path: nope.yaml}]',
      'base/a.yaml': DEPLOYMENT,
    }

    await assert.rejects(render(files, 'app'), { message: /\(base\/kustomization\.yaml: patches\[1\]\)$/ })
  })

  test('what a Secret holds is not shown', async () => {
    const secret = (namespace: string): string =>
      `{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: ${namespace}}, data: {p: c2VjcmV0}}`
    const files = {
      'app/kustomization.yaml': 'resources: [a.yaml, b.yaml]\nnamespace: z',
      'app/a.yaml': secret('x'),
      'app/b.yaml': secret('w'),
    }

    await assert.rejects(render(files, 'app'), (error) => {
      assert.ok(error instanceof Error)
      assert.match(error.message, /ID conflict/)
      assert.ok(!error.message.includes('c2VjcmV0'))
      return true
    })
    const literals = { 'app/kustomization.yaml': 'secretGenerator: [{name: a, literals: [p=s3cret, "=s3cret"]}]' }
    await assert.rejects(render(literals, 'app'), /literal sources \[\*\*\*\]: invalid literal source \*\*\*,/)
  })

  for (const [title, files, code, message] of cases) {
    test(title, async () => assert.rejects(render(files, 'app'), { code, message }))
  }
})
