// What a list, a watch or a deletecollection is about: which objects of a collection the query selects.
import { CapstanError } from '../../base/errors.ts'
import { exactFieldValue, matchesFields, parseFieldSelector, type FieldSelector } from '../../kube/field-selector.ts'
import type { KubeObject } from '../../kube/object.ts'
import { matchesLabels, parseLabelSelector } from '../../kube/selector.ts'
import type { Call } from './call.ts'
import { apiVersionOf, collectionPrefix, keyOf, type Resource } from './resource.ts'
import { badRequest } from './status.ts'

type Match = (object: KubeObject) => boolean

export interface Selection {
  readonly prefix: string
  /** Set where the query can match this object only. */
  readonly onlyKey: string | undefined
  /** Undefined where everything behind the prefix is selected. */
  readonly matches: Match | undefined
}

/** Reads the selectors of a query. Throws 400 for one that cannot be read, or a field the resource does not offer. */
export function selectionOf(call: Call): Selection {
  const { query, resource, route } = call
  const labels = parsed(() => parseLabelSelector(query.get('labelSelector') ?? ''))
  const given = parsed(() => parseFieldSelector(query.get('fieldSelector') ?? ''))
  const fields: FieldSelector =
    route.name === undefined ? given : [...given, { field: 'metadata.name', operator: '=', value: route.name }]
  for (const { field } of fields) checkField(resource, field)
  const name = exactFieldValue(fields, 'metadata.name') ?? ''
  const isOne = name !== '' && (!resource.namespaced || route.namespace !== undefined)
  return {
    prefix: collectionPrefix(resource, route.namespace),
    onlyKey: isOne ? keyOf(resource, route.namespace ?? '', name) : undefined,
    matches: combine(
      labels.length === 0 ? undefined : (object) => matchesLabels(labels, object.metadata.labels),
      fields.length === 0 ? undefined : (object) => matchesFields(fields, fieldValues(resource, object)),
    ),
  }
}

function parsed<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof CapstanError) throw badRequest(error.message)
    throw error
  }
}

function combine(a: Match | undefined, b: Match | undefined): Match | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return (object) => a(object) && b(object)
}

function checkField(resource: Resource, field: string): void {
  if (field === 'metadata.name') return
  // Kinds of cluster scope that offer fields of their own do not offer the namespace.
  const hasNamespace = resource.namespaced || resource.rules?.fieldLabels === undefined
  if (field === 'metadata.namespace' && hasNamespace) return
  if (resource.custom !== undefined) {
    if (resource.custom.selectable.includes(field)) return
    throw badRequest(`field label not supported: ${field}`)
  }
  const labels = resource.rules?.fieldLabels
  if (labels === undefined) {
    throw badRequest(
      `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
    )
  }
  if (!Object.hasOwn(labels({ apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: {} }), field)) {
    throw badRequest(unsupported(resource, field))
  }
}

/** Each conversion function words its refusal itself (`pkg/apis/<group>/<version>/conversion.go`). */
function unsupported(resource: Resource, field: string): string {
  const { group, kind } = resource
  if (kind === 'Job') return `field label ${JSON.stringify(field)} not supported for Job`
  if (group !== 'resource.k8s.io') return `field label not supported: ${field}`
  return `field label not supported for ${apiVersionOf(resource)}, Kind=${kind}: ${field}`
}

function fieldValues(resource: Resource, object: KubeObject): Readonly<Record<string, string>> {
  const more = resource.custom?.selectableFields(object) ?? resource.rules?.fieldLabels?.(object)
  return { ...more, 'metadata.name': object.metadata.name ?? '', 'metadata.namespace': object.metadata.namespace ?? '' }
}
