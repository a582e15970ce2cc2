// What the parts of a schema check share.
import type { Json, SchemaDocument } from './document.ts'
import type { Fault } from './fault.ts'

/** One check: the document `$ref` looks in, and how many steps are left. */
export interface Check {
  readonly document: SchemaDocument
  steps: number
  depth: number
  /** Checks a value inside against a schema inside. */
  readonly inside: (schema: Json, value: Json, at: string) => Fault | undefined
}
