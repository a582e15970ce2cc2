// Tests bases and files that a kustomization names by address, and what they must not reach.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CapstanError } from '../../base/errors.ts'
import type { RemoteSources, Rendered } from '../contract.ts'
import type { MemoryFile } from '../../../test/support/memory-tree.ts'
import { memoryTree } from '../../../test/support/memory-tree.ts'
import { evaluateSource, loadSource } from '../render-source.ts'
import type { LoadedSource, RenderRequest } from '../renderer.ts'
import { MAX_REMOTES } from './fetch-remotes.ts'

type Files = Readonly<Record<string, MemoryFile>>

const configMap = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`

/** Repositories by `url@ref` and files by address; everything else is not found. */
function remotesOf(repositories: Readonly<Record<string, Files>>, files: Files = {}): RemoteSources {
  return {
    openRepository: async ({ url, ref }) => {
      const found = repositories[`${url}@${ref}`]
      if (found === undefined) throw new CapstanError('not-found', `repository ${url} not found`)
      return { revision: 'c0ffee', tree: memoryTree(found, 'c0ffee') }
    },
    fetchFile: async (url) => {
      const found = files[url]
      if (typeof found !== 'string') throw new CapstanError('not-found', `${url}: 404 Not Found`)
      return new TextEncoder().encode(found)
    },
  }
}

const request: RenderRequest = {
  application: { name: 'web', namespace: 'argocd', project: 'default', destinationNamespace: 'web' },
  source: { repoURL: 'https://git.example.com/a', path: 'app' },
  revision: 'abc',
  cluster: { kubeVersion: '1.36.3', apiVersions: [] },
}

async function load(files: Files, remotes?: RemoteSources): Promise<LoadedSource> {
  const fetchers = remotes === undefined ? {} : { remotes }
  return loadSource('Kustomize', request, { tree: memoryTree(files, 'abc'), references: new Map(), ...fetchers })
}

async function render(files: Files, remotes?: RemoteSources): Promise<Rendered> {
  const loaded = await load(files, remotes)
  // What a load returns crosses to a worker.
  return evaluateSource('Kustomize', request, { ...loaded, extra: structuredClone(loaded.extra) })
}

function namesOf({ manifests }: Rendered): (string | undefined)[] {
  return manifests.map((manifest) => manifest.metadata.name)
}

const BASE = 'https://git.example.com/org/base.git'

describe('remote bases', () => {
  test('a folder of a repository at a ref is a base like any other', async () => {
    const remotes = remotesOf({
      [`${BASE}@v1`]: {
        'kust/web/kustomization.yaml': 'resources: [a.yaml, ../common]\nnamePrefix: web-\n',
        'kust/web/a.yaml': configMap('a'),
        'kust/common/kustomization.yaml': 'resources: [b.yaml]\n',
        'kust/common/b.yaml': configMap('b'),
      },
    })
    const files = { 'app/kustomization.yaml': `resources: ["${BASE}//kust/web?ref=v1"]\nnameSuffix: -x\n` }

    assert.deepEqual(namesOf(await render(files, remotes)), ['web-a-x', 'web-b-x'])
  })

  test('a remote component acts on what its user has, and bases may lead on to other repositories', async () => {
    const other = 'https://github.com/org/other'
    const remotes = remotesOf({
      [`${BASE}@`]: {
        'c/kustomization.yaml':
          'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: c-\nresources: ["github.com/org/other?ref=main"]\n',
      },
      [`${other}@main`]: { 'kustomization.yaml': 'resources: [o.yaml]\n', 'o.yaml': configMap('o') },
    })
    const files = {
      'app/kustomization.yaml': `resources: [a.yaml]\ncomponents: ["${BASE}//c"]\n`,
      'app/a.yaml': configMap('a'),
    }

    assert.deepEqual(namesOf(await render(files, remotes)), ['c-a', 'c-o'])
  })

  test('the commit that a ref stood for is an input of the rendering', async () => {
    const remotes = remotesOf({ [`${BASE}@v1`]: { 'kustomization.yaml': 'namePrefix: x-\n' } })

    const { inputs } = await load({ 'app/kustomization.yaml': `resources: ["${BASE}?ref=v1"]\n` }, remotes)

    const query = { url: BASE, ref: 'v1', timeoutMs: 27_000, submodules: true }
    assert.deepEqual(inputs, [{ kind: 'repository', query, version: 'c0ffee' }])
  })

  test('where nothing is fetched, and where there is no such repository, the field is named', async () => {
    const files = { 'app/kustomization.yaml': `resources: ["${BASE}?ref=v2"]\n` }

    await assert.rejects(render(files), /remote addresses are not fetched here \(app\/kustomization\.yaml: resources\)/)
    await assert.rejects(render(files, remotesOf({})), /repository .*base\.git not found/)
  })
})

describe('files by address', () => {
  test('an address that serves resources is a file of resources, also under a name that could be a repository', async () => {
    const file = 'https://git.example.com/api/v4/files/a.yaml/raw?ref=main'
    const files = { 'app/kustomization.yaml': `resources: ["${file}"]\n` }

    assert.deepEqual(namesOf(await render(files, remotesOf({}, { [file]: configMap('a') }))), ['a'])
  })

  test('an address that serves a page is taken for a repository', async () => {
    const address = 'https://git.example.com/org/repo/dir?ref=v1'
    const repository = { 'dir/kustomization.yaml': 'resources: [a.yaml]', 'dir/a.yaml': configMap('a') }
    const remotes = remotesOf(
      { 'https://git.example.com/org/repo@v1': repository },
      { [address]: '<html>\n<body>: - {\n</html>' },
    )

    assert.deepEqual(namesOf(await render({ 'app/kustomization.yaml': `resources: ["${address}"]` }, remotes)), ['a'])
  })

  test('patches and files of generators may be addresses too', async () => {
    const files = {
      'app/kustomization.yaml':
        'resources: [a.yaml]\npatches: [{path: "https://x.example/p.yaml"}]\nconfigMapGenerator: [{name: g, files: ["k=https://x.example/f"], options: {disableNameSuffixHash: true}}]\n',
      'app/a.yaml': configMap('a'),
    }
    const remotes = remotesOf(
      {},
      {
        'https://x.example/p.yaml': `${configMap('a')}data: {p: q}\n`,
        'https://x.example/f': 'content',
      },
    )

    const { manifests } = await render(files, remotes)

    assert.deepEqual(
      manifests.map((manifest) => (manifest as { data?: unknown }).data), // ConfigMaps
      [{ p: 'q' }, { k: 'content' }],
    )
  })

  test('a file that is not served is no repository either', async () => {
    const files = { 'app/kustomization.yaml': 'resources: ["https://x.example/crds.yaml"]\n' }

    await assert.rejects(render(files, remotesOf({})), /crds\.yaml: 404 Not Found/)
  })
})

describe('what remote bases must not reach', () => {
  const secret = { 'app/secret.yaml': configMap('own'), 'secret.yaml': configMap('own') }
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['files outside of their folder', 'resources: [../secret.yaml]', /security; file .* is not in or below/],
    ['files of the source', 'resources: [../../../../../../app/secret.yaml]', /security; file|leaves the source tree/],
    ['folders outside of their repository', 'resources: [../../../app]', /must be within the repo/],
    ['absolute paths', 'resources: [/etc/passwd]', /no such file|cannot be absolute|security/],
    ['themselves', `resources: ["${BASE}//in?ref=v1"]`, /cycle detected: URI/],
  ]
  for (const [name, text, message] of cases) {
    test(name, async () => {
      const base = { 'in/kustomization.yaml': `${text}\n`, 'secret.yaml': configMap('theirs') }
      const files = { ...secret, 'app/kustomization.yaml': `resources: ["${BASE}//in?ref=v1"]\n` }

      await assert.rejects(render(files, remotesOf({ [`${BASE}@v1`]: base })), message)
    })
  }

  test('a path that leaves the repository in the address itself is no repository', async () => {
    const files = { 'app/kustomization.yaml': `resources: ["${BASE}//../../etc"]\n` }

    await assert.rejects(render(files, remotesOf({ [`${BASE}@`]: {} })), CapstanError)
  })

  test('dots in the address of a repository are refused', async () => {
    const files = { 'app/kustomization.yaml': 'resources: ["https://git.example.com/a/../../x.git"]\n' }

    const remotes = remotesOf({ 'https://git.example.com/a/../../x.git@': {} })
    await assert.rejects(render(files, remotes), /an address must not hold \.\./)
  })

  test('more addresses than a build may have', async () => {
    const lines = Array.from({ length: MAX_REMOTES + 1 }, (_, i) => `- https://x.example/${i}.yaml`)

    await assert.rejects(render({ 'app/kustomization.yaml': `resources:\n${lines.join('\n')}\n` }, remotesOf({})), {
      code: 'limit',
      message: /more than 100 remote addresses/,
    })
  })
})
