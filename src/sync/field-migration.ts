// Moves the fields a client-side manager owns to the manager of server-side apply.
import type { JsonObject, JsonValue, KubeObject } from '../kube/object.ts'
import { fieldAt, isJsonObject, objectAt } from '../kube/field.ts'

export interface Migration {
  /** Manager of the Update entry that is given up. */
  readonly from: string
  /** Manager of the Apply entry that takes its fields. */
  readonly to: string
}

/** The managedFields after the migration; undefined where the object has no such Update entry (client-go csaupgrade). */
export function migratedFields(object: KubeObject, { from, to }: Migration): readonly JsonObject[] | undefined {
  const entries = object.metadata.managedFields ?? []
  const old = entries.filter((entry) => isEntry(entry, from, 'Update'))
  const [first] = old
  if (first === undefined) return undefined
  const existing = entries.find((entry) => isEntry(entry, to, 'Apply'))
  const base: JsonObject = existing ?? { ...first, manager: to, operation: 'Apply' }
  const sets = [base, ...old].map((entry) => objectAt(entry, 'fieldsV1') ?? {})
  const fieldsV1 = sets.slice(1).reduce<JsonObject>(union, sets[0] ?? {})
  const rest = entries.filter((entry) => entry !== existing && !old.includes(entry))
  return [...rest, { ...base, fieldsV1 }]
}

/** Only entries of the object itself count, not those of a subresource. */
function isEntry(entry: JsonObject, manager: string, operation: 'Apply' | 'Update'): boolean {
  const subresource = fieldAt(entry, 'subresource') ?? ''
  return entry['manager'] === manager && entry['operation'] === operation && subresource === ''
}

/** The union of two field sets: nested objects whose keys are path elements. */
function union(a: JsonObject, b: JsonObject): JsonObject {
  const joined: Record<string, JsonValue> = { ...a }
  for (const [key, value] of Object.entries(b)) {
    const other = joined[key]
    joined[key] = isJsonObject(other) && isJsonObject(value) ? union(other, value) : value
  }
  return joined
}
