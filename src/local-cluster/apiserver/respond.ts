// Answers: objects and lists in the form the client asked for.
import type { ApiResponse } from '../../kube/client/transport.ts'
import { jsonText } from '../../kube/json-digits.ts'
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import type { Call } from './call.ts'
import type { Form } from './negotiation.ts'
import { partialMetadata } from './partial-metadata.ts'
import { tableOf } from './table.ts'
import { yamlText } from './yaml-answer.ts'

export const JSON_HEADERS: Readonly<Record<string, string>> = { 'content-type': 'application/json' }

/** One object, as JSON, YAML, Table or metadata only. */
export function objectAnswer(call: Call, object: KubeObject, status = 200): ApiResponse {
  const { as, metaVersion } = call.form
  if (as === 'table') return valueAnswer(call, tableOf(call, [object], object.metadata.resourceVersion ?? ''), status)
  if (as === 'metadata') return valueAnswer(call, partialMetadata(object, metaVersion), status)
  return valueAnswer(call, object as unknown as JsonObject, status)
}

/** Any JSON value with the warnings of the call. */
export function valueAnswer(call: Pick<Call, 'form' | 'warnings'>, value: JsonObject, status = 200): ApiResponse {
  return textAnswer(call, call.form.format === 'yaml' ? yamlText(value) : jsonText(value), status)
}

/** Text that is already in the form asked for. */
export function textAnswer(call: Pick<Call, 'form' | 'warnings'>, body: string, status = 200): ApiResponse {
  return { status, headers: { ...typeHeaders(call.form), ...warningHeader(call.warnings) }, body }
}

function typeHeaders(form: Form): Readonly<Record<string, string>> {
  return form.format === 'yaml' ? { 'content-type': 'application/yaml' } : JSON_HEADERS
}

/** `Warning: 299 - "text"`, one after the other. */
export function warningHeader(warnings: readonly string[]): Readonly<Record<string, string>> {
  if (warnings.length === 0) return {}
  return { warning: warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(', ') }
}
