// What generators need around them in tests: services that hold what a test gives them.
import { Secret } from '../../src/base/secret.ts'
import { parseApplicationSet, type ApplicationSet } from '../../src/crds/application-set.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { FileTree, TreeEntry } from '../../src/source/file-tree.ts'
import type { GeneratorContext, GeneratorServices } from '../../src/generators/contract.ts'
import { templateFunctions } from '../../src/generators/template-functions.ts'
import { TemplateRenderer } from '../../src/generators/template-text.ts'

/** An ApplicationSet with these generators and a small template; `spec` stands over both. */
export function applicationSetOf(generators: readonly unknown[], spec: object = {}): ApplicationSet {
  return parseApplicationSet({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name: 'set', namespace: 'argocd', uid: 'set-uid' },
    spec: {
      generators,
      template: {
        metadata: { name: '{{name}}' },
        spec: { project: 'default', destination: { name: 'in-cluster', namespace: 'apps' } },
      },
      ...spec,
    },
  })
}

export function contextOf(applicationSet: ApplicationSet, services: Partial<GeneratorServices> = {}): GeneratorContext {
  return {
    applicationSet,
    services: { ...EMPTY, ...services },
    renderer: new TemplateRenderer(
      applicationSet.spec,
      templateFunctions(() => 0),
    ),
    signal: new AbortController().signal,
    isRefresh: false,
  }
}

const EMPTY: GeneratorServices = {
  controlNamespace: 'argocd',
  http: async () => ({ status: 404, headers: {}, text: '' }),
  scm: { isEnabled: true, allowedProviders: [], isTokenRefStrict: false },
  readSecret: async () => undefined,
  readConfigMap: async () => undefined,
  clusterSecrets: () => [],
  clusters: () => [],
  listObjects: async () => [],
  openTree: async () => treeOf({}),
}

/** A Secret of a cluster, values as base64. */
export function clusterSecret(name: string, server: string, more: Partial<KubeObject['metadata']> = {}): KubeObject {
  const encode = (text: string): string => Buffer.from(text).toString('base64')
  const object = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: `cluster-${name}`,
      namespace: 'argocd',
      ...more,
      labels: { 'argocd.argoproj.io/secret-type': 'cluster', ...more.labels },
    },
    data: { name: encode(name), server: encode(server) },
  }
  return object
}

export function secretContent(
  data: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>> = {},
): {
  readonly labels: Readonly<Record<string, string>>
  readonly data: ReadonlyMap<string, Secret>
} {
  return { labels, data: new Map(Object.entries(data).map(([key, text]) => [key, new Secret(text)])) }
}

/** A tree of these files. */
export function treeOf(files: Readonly<Record<string, string>>): FileTree {
  return {
    revision: 'a'.repeat(40),
    async readFile(path) {
      const text = files[path]
      return text === undefined ? undefined : { id: path, bytes: Buffer.from(text) }
    },
    async readDirectory(path) {
      const prefix = path === '' ? '' : `${path}/`
      const found = new Map<string, TreeEntry>()
      for (const file of Object.keys(files)) {
        if (!file.startsWith(prefix)) continue
        const [name = '', ...below] = file.slice(prefix.length).split('/')
        found.set(name, { name, type: below.length === 0 ? 'file' : 'directory', id: prefix + name })
      }
      return found.size === 0 && path !== '' ? undefined : [...found.values()]
    },
  }
}
