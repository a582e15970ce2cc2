// The types that strategic merges go by: those of Kubernetes 1.21.2, which kustomize has built in, or a schema of one's own.
import { CapstanError } from '../../base/errors.ts'
import { splitApiVersion } from '../../kube/object.ts'
import type { TypeSchema } from '../../kube/schema/schema.ts'
import { builtinSchema, definitionSchema } from '../../kube/schema/schema.ts'

/** What is known of a field or an item while a merge walks down. */
export interface MergeSchema {
  field(name: string): MergeSchema | undefined
  items(): MergeSchema | undefined
  /** Absent where the schema gives no strategy. */
  readonly strategy: readonly string[]
  readonly keys: readonly string[]
}

/** Finds the schema of a type; undefined for one it does not know. */
export type FindSchema = (apiVersion: string, kind: string) => MergeSchema | undefined

/** kustomize's own schema. Later versions of a type than 1.21 had are unknown, as there. */
export function builtinMergeSchema(apiVersion: string, kind: string): MergeSchema | undefined {
  const { group, version } = splitApiVersion(apiVersion)
  if (KNOWN.get(group)?.has(`${version}/${kind}`) !== true) return undefined
  const current = REPLACED.get(`${apiVersion}/${kind}`) ?? { group, version, kind }
  const schema = builtinSchema(current) ?? builtinSchema({ ...current, version: 'v1' })
  return schema === undefined ? undefined : new TypedSchema(schema)
}

class TypedSchema implements MergeSchema {
  readonly #schema: TypeSchema

  constructor(schema: TypeSchema) {
    this.#schema = schema
  }

  get strategy(): readonly string[] {
    return this.#schema.patchStrategy
  }

  get keys(): readonly string[] {
    const { patchStrategy, listMapKeys, patchMergeKey } = this.#schema
    if (patchStrategy.length === 0) return []
    if (listMapKeys.length > 0) return listMapKeys
    return patchMergeKey === undefined ? [] : [patchMergeKey]
  }

  field(name: string): MergeSchema | undefined {
    if (this.#schema.name === POD_SPEC && LATER_POD_FIELDS.has(name)) return undefined
    const named = this.#schema.properties?.get(name)
    if (named !== undefined) return new TypedSchema(named)
    const rest = this.#schema.additionalProperties
    return typeof rest === 'object' ? new TypedSchema(rest) : undefined
  }

  items(): MergeSchema | undefined {
    const { items } = this.#schema
    return items === undefined ? undefined : new TypedSchema(items)
  }
}

const POD_SPEC = 'io.k8s.api.core.v1.PodSpec'

/** Lists with merge keys that came after 1.21: kustomize replaces them whole. */
const LATER_POD_FIELDS: ReadonlySet<string> = new Set(['resourceClaims', 'schedulingGates'])

const GVK_EXTENSION = 'x-kubernetes-group-version-kind'

type OpenApi = Readonly<Record<string, unknown>>

/**
 * The types of an OpenAPI document (`openapi.path` of a kustomization), by their group, version and kind.
 * References to types that it does not define are followed into the built-in ones where those are in force as well.
 * Throws `bad-input` where it is no such document.
 */
export function customMergeSchema(document: unknown, withBuiltins: boolean): FindSchema {
  const definitions = recordOf(recordOf(document)['definitions'])
  const names = new Map<string, string>()
  for (const [name, definition] of Object.entries(definitions)) {
    for (const key of typeKeys(recordOf(definition)[GVK_EXTENSION])) names.set(key, name)
  }
  return (apiVersion, kind) => {
    const name = names.get(`${apiVersion}/${kind}`)
    if (name !== undefined) return resolveReference(recordOf(definitions[name]), definitions, withBuiltins)
    return withBuiltins ? builtinMergeSchema(apiVersion, kind) : undefined
  }
}

/** The schema that a comment gives for one field; references lead to the built-in types. */
export function commentMergeSchema(schema: object): MergeSchema | undefined {
  return resolveReference(recordOf(schema), {}, true)
}

const REFERENCE = '#/definitions/'

/** References that lead to references; more is a circle. */
const MAX_REFERENCES = 100

function resolveReference(raw: OpenApi, definitions: OpenApi, withBuiltins: boolean): MergeSchema | undefined {
  let current = raw
  for (let hops = 0; hops < MAX_REFERENCES; hops++) {
    const { $ref } = current
    if (typeof $ref !== 'string') {
      return new CustomSchema(current, (child) => resolveReference(child, definitions, withBuiltins))
    }
    const name = $ref.startsWith(REFERENCE) ? $ref.slice(REFERENCE.length) : ''
    if (!Object.hasOwn(definitions, name)) {
      const builtin = withBuiltins ? definitionSchema(name) : undefined
      return builtin === undefined ? undefined : new TypedSchema(builtin)
    }
    current = recordOf(definitions[name])
  }
  throw new CapstanError('bad-input', `invalid schema file: ${String(raw['$ref'])} refers to itself`)
}

class CustomSchema implements MergeSchema {
  readonly #raw: OpenApi
  readonly #resolve: (raw: OpenApi) => MergeSchema | undefined

  constructor(raw: OpenApi, resolve: (raw: OpenApi) => MergeSchema | undefined) {
    this.#raw = raw
    this.#resolve = resolve
  }

  get strategy(): readonly string[] {
    const strategy = this.#raw['x-kubernetes-patch-strategy']
    return typeof strategy === 'string' && strategy !== '' ? strategy.split(',') : []
  }

  get keys(): readonly string[] {
    if (this.strategy.length === 0) return []
    const keys = this.#raw['x-kubernetes-list-map-keys']
    if (Array.isArray(keys)) return keys.map(String)
    const key = this.#raw['x-kubernetes-patch-merge-key']
    return typeof key === 'string' ? [key] : []
  }

  field(name: string): MergeSchema | undefined {
    const properties = recordOf(this.#raw['properties'])
    if (Object.hasOwn(properties, name)) return this.#resolve(recordOf(properties[name]))
    const rest = this.#raw['additionalProperties']
    return typeof rest === 'object' && rest !== null ? this.#resolve(recordOf(rest)) : undefined
  }

  items(): MergeSchema | undefined {
    const { type, items } = this.#raw
    return type === 'array' && items !== undefined ? this.#resolve(recordOf(items)) : undefined
  }
}

function typeKeys(extension: unknown): string[] {
  if (!Array.isArray(extension)) return []
  return extension.map((item: unknown) => {
    const { group, version, kind } = recordOf(item)
    const prefix = typeof group === 'string' && group !== '' ? `${group}/` : ''
    return `${prefix}${String(version)}/${String(kind)}`
  })
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw new CapstanError('bad-input', 'invalid schema file')
  return value as Readonly<Record<string, unknown>> // an object that is no list
}

function kinds(versions: string, names: string): string[] {
  return versions.split(' ').flatMap((version) => names.split(' ').map((name) => `${version}/${name}`))
}

/** Types with a definition in the schema of Kubernetes 1.21.2. */
const KNOWN: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    '',
    new Set(
      kinds(
        'v1',
        'Binding ComponentStatus ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume ' +
          'PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount',
      ),
    ),
  ],
  [
    'admissionregistration.k8s.io',
    new Set(kinds('v1 v1beta1', 'MutatingWebhookConfiguration ValidatingWebhookConfiguration')),
  ],
  ['apiextensions.k8s.io', new Set(kinds('v1 v1beta1', 'CustomResourceDefinition'))],
  ['apiregistration.k8s.io', new Set(kinds('v1 v1beta1', 'APIService'))],
  ['apps', new Set(kinds('v1', 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet'))],
  ['autoscaling', new Set(kinds('v1 v2beta1 v2beta2', 'HorizontalPodAutoscaler'))],
  ['batch', new Set(['v1/Job', ...kinds('v1 v1beta1', 'CronJob')])],
  ['certificates.k8s.io', new Set(kinds('v1 v1beta1', 'CertificateSigningRequest'))],
  ['coordination.k8s.io', new Set(kinds('v1 v1beta1', 'Lease'))],
  ['discovery.k8s.io', new Set(kinds('v1 v1beta1', 'EndpointSlice'))],
  ['events.k8s.io', new Set(kinds('v1 v1beta1', 'Event'))],
  ['extensions', new Set(['v1beta1/Ingress'])],
  ['flowcontrol.apiserver.k8s.io', new Set(kinds('v1beta1', 'FlowSchema PriorityLevelConfiguration'))],
  ['networking.k8s.io', new Set(['v1/NetworkPolicy', ...kinds('v1 v1beta1', 'Ingress IngressClass')])],
  ['node.k8s.io', new Set(kinds('v1 v1beta1', 'RuntimeClass'))],
  ['policy', new Set(['v1beta1/PodSecurityPolicy', ...kinds('v1 v1beta1', 'PodDisruptionBudget')])],
  ['rbac.authorization.k8s.io', new Set(kinds('v1 v1beta1', 'ClusterRole ClusterRoleBinding Role RoleBinding'))],
  ['scheduling.k8s.io', new Set(kinds('v1 v1beta1', 'PriorityClass'))],
  [
    'storage.k8s.io',
    new Set(['v1beta1/CSIStorageCapacity', ...kinds('v1 v1beta1', 'CSIDriver CSINode StorageClass VolumeAttachment')]),
  ],
])

/** Types of 1.21 that were removed since: their successors merge the same way. */
const REPLACED: ReadonlyMap<string, { group: string; version: string; kind: string }> = new Map([
  [
    'autoscaling/v2beta1/HorizontalPodAutoscaler',
    { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' },
  ],
  [
    'autoscaling/v2beta2/HorizontalPodAutoscaler',
    { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' },
  ],
  ['extensions/v1beta1/Ingress', { group: 'networking.k8s.io', version: 'v1', kind: 'Ingress' }],
])
