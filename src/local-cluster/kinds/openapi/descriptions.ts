// What the API says of its kinds and fields, and the values of enumerations, as tools/generate-descriptions.ts took them from kube-apiserver 1.36.3.
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'

/** A text alone, or with the values of an enumeration. */
type Described = string | readonly [text: string, values: readonly string[]]

/** Adds descriptions to a definition of OpenAPI v3. */
export type Describe = (name: string, schema: JsonObject) => JsonObject

/** Reads the table, which only documents need, when the first of them is asked for. */
export async function loadDescriptions(): Promise<Describe> {
  const { default: table } = await import('../generated/descriptions.json', { with: { type: 'json' } })
  const texts: Readonly<Record<string, string>> = table
  return (name, schema) => {
    const text = Object.hasOwn(texts, name) ? texts[name] : undefined
    if (text === undefined) return schema
    return describe(schema, JSON.parse(text) as Readonly<Record<string, Described>>) // the file is made with this shape
  }
}

function describe(schema: JsonObject, row: Readonly<Record<string, Described>>): JsonObject {
  const { properties } = schema
  const whole = withText(schema, row[''])
  if (!isObject(properties)) return whole
  const edited: Record<string, JsonValue> = { ...properties }
  for (const [field, property] of Object.entries(properties)) {
    const described = row[field]
    if (described !== undefined && isObject(property)) edited[field] = withText(property, described)
  }
  return { ...whole, properties: edited }
}

/** What stands beside a reference is not read: the reference moves into `allOf`. */
function withText(schema: JsonObject, described: Described | undefined): JsonObject {
  if (described === undefined) return schema
  const [description, values] = typeof described === 'string' ? [described, undefined] : described
  const { $ref: reference, ...rest } = schema
  return {
    description,
    ...rest,
    ...(values === undefined ? {} : { enum: [...values] }),
    ...(reference === undefined ? {} : { allOf: [{ $ref: reference }] }),
  }
}
