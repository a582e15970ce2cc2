// Loads the rules' engine when a definition with rules comes, and not before: few clusters have one, and it takes memory.
import { isObject } from '../../../../kube/json-value.ts'
import type { JsonValue } from '../../../../kube/object.ts'
import type { FieldFault } from '../../../kinds/contract.ts'
import type { Schema } from '../structural.ts'
import type { Warn } from './rule-runs.ts'
import type { SchemaRules } from './schema-rules.ts'

type Compile = (schema: Schema) => SchemaRules

/** The rules of all definitions of one server. */
export class CelRules {
  #compile: Compile | undefined
  readonly #compiled = new WeakMap<Schema, SchemaRules>()
  readonly #withRules = new WeakMap<Schema, boolean>()

  /** Makes ready what `faultsOf` and `definitionFaults` need. */
  async load(): Promise<void> {
    if (this.#compile !== undefined) return
    const { compileSchemaRules } = await import('./schema-rules.ts')
    this.#compile = compileSchemaRules
  }

  /** What the rules of a schema say of an object; `warn` hears of what was wrong before and stays. Call `load` before, where `hasRules`. */
  faultsOf(schema: Schema, value: JsonValue, old: JsonValue | undefined, warn?: Warn): readonly FieldFault[] {
    return this.#has(schema) ? this.#rulesOf(schema).validate(value, old, warn) : []
  }

  /** What is wrong with the rules themselves; `path` is where the schema stands, `isKnown` whether it was there before. */
  definitionFaults(schema: Schema, path: string, isKnown: boolean): readonly FieldFault[] {
    return this.#has(schema) ? this.#rulesOf(schema).definitionFaults(path, isKnown) : []
  }

  /** Looked for once a schema: every write of an object asks, and a schema is large. */
  #has(schema: Schema): boolean {
    const known = this.#withRules.get(schema)
    if (known !== undefined) return known
    const found = hasRules(schema)
    this.#withRules.set(schema, found)
    return found
  }

  #rulesOf(schema: Schema): SchemaRules {
    const known = this.#compiled.get(schema)
    if (known !== undefined) return known
    if (this.#compile === undefined) throw new TypeError('the rules of definitions are used before they are loaded')
    const rules = this.#compile(schema)
    this.#compiled.set(schema, rules)
    return rules
  }
}

/** Whether a schema has rules anywhere. */
export function hasRules(schema: JsonValue): boolean {
  if (Array.isArray(schema)) return schema.some(hasRules)
  if (!isObject(schema)) return false
  return Object.entries(schema).some(([key, value]) => (key === 'x-kubernetes-validations' && Array.isArray(value)) || hasRules(value)) // prettier-ignore
}
