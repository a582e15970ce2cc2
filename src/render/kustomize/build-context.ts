// What all kustomizations of one build share: files, settings, the schema in force, warnings.
import { CapstanError } from '../../base/errors.ts'
import { parseYaml } from '../../lang/yaml/read.ts'
import type { HelmVersion } from '../renderer.ts'
import type { Kustomization } from './kustomization.ts'
import type { Loader } from './loader.ts'
import { loadText } from './loader.ts'
import type { FindSchema } from './merge-schema.ts'
import { builtinMergeSchema, customMergeSchema } from './merge-schema.ts'
import type { LoadedRemotes } from './remotes.ts'
import { readResources } from './read-resources.ts'
import type { Resource } from './resource.ts'
import { cloneResource } from './resource.ts'
import type { SourceFiles } from './source-files.ts'

export interface BuildOptions {
  /** `--load-restrictor LoadRestrictionsNone`: files outside a kustomization's directory may be read. */
  readonly unrestricted?: boolean
  /** The order where the kustomization says none: the command's is legacy (default). */
  readonly defaultOrder?: 'legacy' | 'fifo'
  /** `--enable-managedby-label`. */
  readonly managedByLabel?: boolean
  /** `--enable-helm`: charts are rendered, with what they see of a cluster. */
  readonly helm?: HelmOptions
  /** What was fetched by address. */
  readonly remotes?: LoadedRemotes
  /** Changes the kustomization that is built, as `kustomize edit` would; not its bases. */
  readonly edit?: (kustomization: Kustomization) => Kustomization
}

export interface HelmOptions {
  /** Empty for the version that helm assumes. */
  readonly kubeVersion: string
  readonly apiVersions: readonly string[]
  readonly helmVersion?: HelmVersion
}

/** kustomize's own version of Kubernetes' schema. */
const BUILTIN_VERSION = 'v1.21.2'

export class BuildContext {
  readonly files: SourceFiles
  readonly options: BuildOptions
  readonly warnings: { readonly path: string; readonly message: string }[] = []
  readonly #parsed = new Map<string, readonly Resource[]>()
  #findSchema: FindSchema = builtinMergeSchema
  #isSchemaSet = false

  constructor(files: SourceFiles, options: BuildOptions) {
    this.files = files
    this.options = options
  }

  /** The schema in force now; a base may bring one of its own. */
  readonly findSchema = (): FindSchema => this.#findSchema

  /** The first kustomization that names a schema, from the top, decides for all (kyaml openapi.SetSchema). */
  useSchema(openapi: Kustomization['openapi'], loader: Loader): void {
    const isFirst = loader.referrer === undefined
    const { path, version } = openapi ?? {}
    const document = path === undefined ? undefined : parseYaml(loadText(loader, path))
    if (this.#isSchemaSet) return
    if (document !== undefined) {
      if (version !== undefined) {
        throw new CapstanError('bad-input', 'builtin version and custom schema provided, cannot use both')
      }
      // What bases have read before then keeps the built-in types in force.
      this.#findSchema = customMergeSchema(document, !isFirst)
      this.#isSchemaSet = true
    } else if (version !== undefined && version !== '') {
      if (version !== BUILTIN_VERSION)
        throw new CapstanError('bad-input', 'the specified OpenAPI version is not built in')
      this.#isSchemaSet = true
    }
  }

  /** The resources of a file, parsed once however many overlays include it. */
  resourcesOf(text: string): Resource[] {
    let parsed = this.#parsed.get(text)
    if (parsed === undefined) {
      parsed = readResources(text)
      this.#parsed.set(text, parsed)
    }
    return parsed.map((resource) => cloneResource(resource))
  }
}
