// CustomResourceDefinition manifests of our resources, computed from the message tables.
import type { JsonObject, JsonValue, KubeObject } from '../kube/object.ts'
import { fieldsOf, type MessageField } from './message-table.ts'

interface Crd extends KubeObject {
  readonly spec: JsonObject
}

interface ResourceType {
  readonly kind: string
  readonly plural: string
  readonly shortNames: readonly string[]
  /** True where `status` is a subresource; Application and AppProject have it written with plain updates. */
  readonly statusSubresource: boolean
  readonly printerColumns: readonly JsonObject[]
}

const application: ResourceType = {
  kind: 'Application',
  plural: 'applications',
  shortNames: ['app', 'apps'],
  statusSubresource: false,
  printerColumns: [
    { name: 'Sync Status', type: 'string', jsonPath: '.status.sync.status' },
    { name: 'Health Status', type: 'string', jsonPath: '.status.health.status' },
    { name: 'Revision', type: 'string', jsonPath: '.status.sync.revision', priority: 10 },
    { name: 'Project', type: 'string', jsonPath: '.spec.project', priority: 10 },
  ],
}

const appProject: ResourceType = {
  kind: 'AppProject',
  plural: 'appprojects',
  shortNames: ['appproj', 'appprojs'],
  statusSubresource: false,
  printerColumns: [],
}

const applicationSet: ResourceType = {
  kind: 'ApplicationSet',
  plural: 'applicationsets',
  shortNames: ['appset', 'appsets'],
  statusSubresource: true,
  printerColumns: [],
}

/** The manifest of `applications.argoproj.io` (names, columns: argo-cd v3.5.1 `manifests/crds/application-crd.yaml`). */
export function applicationCrd(): KubeObject {
  return crdOf(application)
}

/** The manifest of `appprojects.argoproj.io`. */
export function appProjectCrd(): KubeObject {
  return crdOf(appProject)
}

/** The manifest of `applicationsets.argoproj.io`. */
export function applicationSetCrd(): KubeObject {
  return crdOf(applicationSet)
}

function crdOf(type: ResourceType): Crd {
  const name = `${type.plural}.argoproj.io`
  const version: JsonObject = {
    name: 'v1alpha1',
    served: true,
    storage: true,
    ...(type.printerColumns.length > 0 ? { additionalPrinterColumns: type.printerColumns } : {}),
    ...(type.statusSubresource ? { subresources: { status: {} } } : {}),
    schema: { openAPIV3Schema: rootSchema(type) },
  }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name, labels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'argocd' } },
    spec: {
      group: 'argoproj.io',
      names: {
        kind: type.kind,
        listKind: `${type.kind}List`,
        plural: type.plural,
        shortNames: type.shortNames,
        singular: type.kind.toLowerCase(),
      },
      scope: 'Namespaced',
      versions: [version],
    },
  }
}

function rootSchema(type: ResourceType): JsonObject {
  const root = messageSchema(type.kind)
  const properties = root['properties'] as JsonObject // messageSchema always writes an object there
  return {
    ...root,
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      ...properties,
      metadata: { type: 'object' },
    },
  }
}

function messageSchema(message: string): JsonObject {
  const properties: Record<string, JsonValue> = {}
  const required: string[] = []
  collectProperties(message, properties, required)
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) }
}

function collectProperties(message: string, properties: Record<string, JsonValue>, required: string[]): void {
  for (const [name, field] of Object.entries(fieldsOf(message) ?? {})) {
    if (field.inline) {
      collectProperties(field.type, properties, required)
      continue
    }
    if (field.required) required.push(name)
    const isOverride = field.type === TEMPLATE && message !== 'ApplicationSetSpec'
    properties[name] = isOverride ? TEMPLATE_OVERRIDE : fieldSchema(field)
  }
}

const TEMPLATE = 'ApplicationSetTemplate'

/**
 * The templates of generators, which stand over the ApplicationSet's own: 18 times the whole schema of an Application would make
 * a definition of 400 KB that every API server keeps several times over. The controller reads them against the whole of it.
 */
const TEMPLATE_OVERRIDE: JsonObject = {
  type: 'object',
  properties: {
    metadata: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    spec: { type: 'object', required: ['destination', 'project'], 'x-kubernetes-preserve-unknown-fields': true },
  },
  required: ['metadata', 'spec'],
}

/** `key:` with no value is a common slip; optional scalars take the null, which Go's decoder reads as the zero value. */
function fieldSchema(field: MessageField): JsonObject {
  const description = field.doc === undefined ? {} : { description: field.doc }
  const value = valueSchema(field.type)
  if (field.list) return { ...description, type: 'array', items: value }
  if (field.map) return { ...description, type: 'object', additionalProperties: value }
  const isScalar = fieldsOf(field.type) === undefined && field.type !== 'JSON'
  return { ...description, ...value, ...(isScalar && !field.required ? { nullable: true } : {}) }
}

function valueSchema(type: string): JsonObject {
  if (fieldsOf(type) !== undefined) return messageSchema(type)
  switch (type) {
    case 'bool':
      return { type: 'boolean' }
    case 'int32':
    case 'int64':
      return { type: 'integer', format: type }
    case 'bytes':
      return { type: 'string', format: 'byte' }
    case 'Time':
      return { type: 'string', format: 'date-time' }
    case 'IntOrString':
      return { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true }
    case 'JSON':
      return { 'x-kubernetes-preserve-unknown-fields': true }
    case 'RawExtension':
    case 'FieldsV1':
      return { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
    default:
      return { type: 'string' }
  }
}
