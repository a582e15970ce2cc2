// What a family of kinds exports: rules over plain JSON, by `group/version/Kind`.
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { FieldFault, KindContext, KindRules } from '../contract.ts'

/** KindRules over plain JSON: an object of a known kind has metadata, and all else is read with the helpers of edit.ts. */
export interface JsonKindRules {
  readonly setDefaults?: (object: JsonObject) => JsonObject
  readonly prepareForCreate?: (object: JsonObject, context: KindContext) => JsonObject
  readonly prepareForUpdate?: (object: JsonObject, old: JsonObject, context: KindContext) => JsonObject
  readonly validate?: (object: JsonObject, old: JsonObject | undefined) => readonly FieldFault[]
  readonly validateStatus?: (object: JsonObject, old: JsonObject) => readonly FieldFault[]
  readonly warnings?: (object: JsonObject, old?: JsonObject) => readonly string[]
  readonly generationParts?: (object: JsonObject) => readonly (JsonValue | undefined)[]
  readonly fieldLabels?: (object: JsonObject) => Readonly<Record<string, string>>
}

export type Family = Readonly<Record<string, JsonKindRules>>

/** The same rules for whoever holds a KubeObject. */
export function asKindRules(rules: JsonKindRules): KindRules {
  // Every KubeObject is a JsonObject at run time; its interface lacks the index signature that would let the compiler see it.
  return rules as unknown as KindRules
}

/** Generation follows the spec, as for most kinds. */
export function specParts(object: JsonObject): readonly (JsonValue | undefined)[] {
  return [object['spec']]
}
