// What a manager applied last, taken from the live object: the start of its next configuration, and what a diff compares with.
import { fieldOf, isObject } from '../json-value.ts'
import type { JsonObject, KubeObject } from '../object.ts'
import type { TypeSchema } from '../schema/schema.ts'
import { objectTypeOf } from './apply-type.ts'
import { ownedFields } from './managed-fields.ts'
import { extractFields } from './typed-remove.ts'

export interface ExtractOptions {
  readonly manager: string
  readonly schema: TypeSchema | undefined
  /** `status`, or absent for the main endpoint. */
  readonly subresource?: string
}

/**
 * The fields a manager owns by server-side apply, with the keys that name list items, apiVersion, kind, name and namespace
 * (client-go `ExtractInto`). Undefined where the manager has applied nothing.
 */
export function extractApplied(
  object: KubeObject,
  { manager, schema, subresource = '' }: ExtractOptions,
): KubeObject | undefined {
  const owned = ownedFields(object.metadata.managedFields, manager, { operation: 'Apply', subresource })
  if (owned.size === 0) return undefined
  const { managedFields: _managedFields, ...metadata } = object.metadata
  // Kubernetes objects are JSON objects; the interface names only what all have.
  const plain = { ...object, metadata } as unknown as JsonObject
  const extracted = extractFields(plain, owned, objectTypeOf(schema), { keys: true })
  const fields = isObject(extracted) ? extracted : {}
  const inner = fieldOf(fields, 'metadata')
  const { name, namespace } = object.metadata
  return {
    ...fields,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      ...(isObject(inner) ? inner : {}),
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
    },
  }
}
