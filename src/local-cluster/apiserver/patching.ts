// The patch formats: reading their bodies and applying them to an object.
import { CapstanError, messageOf } from '../../base/errors.ts'
import { parseJson } from '../../kube/json-digits.ts'
import { isObject } from '../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../kube/object.ts'
import { applyJsonPatch } from '../../kube/patch/json-patch.ts'
import { applyMergePatch } from '../../kube/patch/merge-patch.ts'
import { PatchError } from '../../kube/patch/patch-error.ts'
import { applyStrategicPatch } from '../../kube/patch/strategic-apply.ts'
import type { Resource } from './resource.ts'
import { ApiError, badRequest, rejectedPatch, unknownError } from './status.ts'
import { duplicateFields } from './strict-json.ts'

export type PatchKind = 'json' | 'merge' | 'strategic' | 'apply'

export interface PatchBody {
  readonly value: JsonValue
  readonly complaints: readonly string[]
}

/** The patch in a body. Throws 400 for text that is no JSON or no patch of its kind. */
export function readPatch(kind: Exclude<PatchKind, 'apply'> | PatchKind, text: string): PatchBody {
  let value: JsonValue
  try {
    value = parseJson(text)
  } catch (error) {
    const why = endsEarly(text, messageOf(error)) ? 'unexpected end of JSON input' : messageOf(error)
    throw badRequest(kind === 'strategic' ? why : `error decoding patch: ${why}`)
  }
  if (kind === 'json' ? !Array.isArray(value) : !isObject(value)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${goWord(value)} into Go value of type ${kind === 'json' ? '[]handlers.jsonPatchOp' : 'map[string]interface {}'}`,
    )
  }
  return { value, complaints: kind === 'json' ? [] : complaintsOf(text, kind) }
}

function complaintsOf(text: string, kind: PatchKind): readonly string[] {
  try {
    return duplicateFields(text).map((path) => `duplicate field "${path}"`)
  } catch (error) {
    // Nesting without end.
    throw badRequest(kind === 'strategic' ? messageOf(error) : `error decoding patch: ${messageOf(error)}`)
  }
}

/** Whether a text that is no JSON would be one if it went on. */
function endsEarly(text: string, complaint: string): boolean {
  const position = /at position (?<position>\d+)/.exec(complaint)?.groups?.['position']
  return position === undefined ? /end of JSON|Unterminated/.test(complaint) : Number(position) >= text.length
}

/** The document after the patch. Throws what the API server answers for a patch that does not fit. */
export function patchDocument(kind: PatchKind, document: JsonObject, patch: JsonValue, resource: Resource): JsonValue {
  try {
    if (kind === 'json') return applyJsonPatch(document, patch)
    if (kind === 'merge') return applyMergePatch(document, patch)
    return applyStrategicPatch(document, patch as JsonObject, resource.schema) // `readPatch` made sure
  } catch (error) {
    throw patchAnswer(error)
  }
}

function patchAnswer(error: unknown): unknown {
  if (error instanceof PatchError) {
    switch (error.fault) {
      case 'bad-request':
        return badRequest(error.message)
      case 'unprocessable':
        return rejectedPatch()
      case 'too-large':
        return new ApiError(413, 'RequestEntityTooLarge', error.message)
      case 'conflict':
        return new ApiError(409, 'Conflict', error.message)
      case 'unclassified':
        return unknownError(error.message)
    }
  }
  return error instanceof CapstanError && error.code === 'limit' ? badRequest(error.message) : error
}

function goWord(value: JsonValue): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return value === null ? 'null' : typeof value
}
