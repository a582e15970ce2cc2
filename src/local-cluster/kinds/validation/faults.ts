// Faults in the words of apimachinery's field errors (pkg/util/validation/field/errors.go, 1.36.3).
import { jsonText } from '../../../kube/json-digits.ts'
import type { JsonValue } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'

/** What stands in place of a value that must not be shown. */
const NOTHING = ''

/** `Required value`, with a word more where there is one. */
export function requiredValue(field: string, detail: string = NOTHING): FieldFault {
  return { reason: 'FieldValueRequired', field, message: `Required value${detail === '' ? '' : `: ${detail}`}` }
}

/** `Invalid value: <value>: <detail>`. The value is printed as JSON. */
export function invalidValue(field: string, value: JsonValue | undefined, detail: string): FieldFault {
  return {
    reason: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${printed(value)}${detail === '' ? '' : `: ${detail}`}`,
  }
}

/** `Unsupported value: "x": supported values: "A", "B"`; upstream sorts nothing, so the order given is the order told. */
export function notSupported(field: string, value: JsonValue | undefined, supported: readonly string[]): FieldFault {
  const values = supported.map((choice) => JSON.stringify(choice)).join(', ')
  const suffix = supported.length > 0 ? `: supported values: ${values}` : ''
  return { reason: 'FieldValueNotSupported', field, message: `Unsupported value: ${printed(value)}${suffix}` }
}

/** `Forbidden: <detail>`. */
export function forbiddenValue(field: string, detail: string): FieldFault {
  return { reason: 'FieldValueForbidden', field, message: `Forbidden${detail === '' ? '' : `: ${detail}`}` }
}

/** `Duplicate value: <value>`. */
export function duplicate(field: string, value: JsonValue | undefined): FieldFault {
  return { reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${printed(value)}` }
}

/** `Too long: may not be more than N bytes`. */
export function tooLong(field: string, maximum: number): FieldFault {
  return { reason: 'FieldValueTooLong', field, message: `Too long: may not be more than ${maximum} bytes` }
}

/** `Too many: N: must have at most M items`. */
export function tooMany(field: string, actual: number, maximum: number): FieldFault {
  const message = `Too many: ${actual}: must have at most ${maximum} ${maximum === 1 ? 'item' : 'items'}`
  return { reason: 'FieldValueTooMany', field, message }
}

/** `Not found: <value>`, which has the reason of an invalid value's sibling in answers. */
export function notFound(field: string, value: JsonValue | undefined): FieldFault {
  return { reason: 'FieldValueNotFound', field, message: `Not found: ${printed(value)}` }
}

/** A fault whose words no function here has. */
export function fault(reason: FieldFault['reason'], field: string, message: string): FieldFault {
  return { reason, field, message }
}

/** Text as Go quotes it, anything else as its JSON encoder prints it, which escapes `<`, `>` and `&`. */
function printed(value: JsonValue | undefined): string {
  const text = jsonText(value ?? null)
  return typeof value === 'string' ? text : text.replaceAll(/[<>&\u2028\u2029]/g, escapeCharacter)
}

function escapeCharacter(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
}
