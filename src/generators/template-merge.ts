// A generator's own template over the ApplicationSet's: what it leaves empty is filled (mergo without override, by the types of the fields).
import type { ApplicationSetTemplate } from '../crds/application-set.ts'
import { fieldsOf, type MessageField } from '../crds/message-table.ts'
import { isObject } from '../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../kube/object.ts'

/** The template applications are made of. */
export function mergeTemplates(
  own: ApplicationSetTemplate | undefined,
  base: ApplicationSetTemplate,
): ApplicationSetTemplate {
  if (own === undefined) return base
  // Both are JSON of one message, and so is what comes out.
  return fillMessage(
    'ApplicationSetTemplate',
    own as unknown as JsonObject,
    base as unknown as JsonObject,
  ) as unknown as ApplicationSetTemplate
}

function fillMessage(type: string, own: JsonObject, base: JsonObject): JsonObject {
  const filled: Record<string, JsonValue> = { ...own }
  const fields = allFields(type)
  for (const [name, value] of Object.entries(base)) {
    const field = fields.get(name)
    const present = own[name]
    if (isEmpty(present)) filled[name] = value
    else if (field !== undefined) filled[name] = fillField(field, present ?? null, value)
  }
  return filled
}

function fillField(field: MessageField, own: JsonValue, base: JsonValue): JsonValue {
  if (field.list || !isObject(own) || !isObject(base)) return own
  if (!field.map) return fieldsOf(field.type) === undefined ? own : fillMessage(field.type, own, base)
  const missing = Object.entries(base).filter(([key]) => isEmpty(own[key]))
  return { ...own, ...Object.fromEntries(missing) }
}

/** Inline messages count as fields of the outer one. */
function allFields(type: string): ReadonlyMap<string, MessageField> {
  const found = new Map<string, MessageField>()
  for (const [name, field] of Object.entries(fieldsOf(type) ?? {})) {
    if (!field.inline) found.set(name, field)
    else for (const [inner, one] of allFields(field.type)) found.set(inner, one)
  }
  return found
}

function isEmpty(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === false || value === 0) return true
  return Array.isArray(value) && value.length === 0
}
