// Answers: objects and lists in the form the client asked for.
import type { ApiResponse } from '../../kube/client/transport.ts'
import { jsonText } from '../../kube/json-digits.ts'
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { encodeObject } from '../../kube/protobuf/encode-object.ts'
import type { Call } from './call.ts'
import { plainFormat, wrongShape, type Format } from './negotiation.ts'
import { partialMetadata } from './partial-metadata.ts'
import type { ApiError } from './status.ts'
import { tableOf } from './table.ts'
import { yamlText } from './yaml-answer.ts'

export const JSON_HEADERS: Readonly<Record<string, string>> = { 'content-type': 'application/json' }

/** One object, as JSON, YAML, Table or metadata only. */
export function objectAnswer(call: Call, object: KubeObject, status = 200): ApiResponse {
  const { as, metaVersion } = call.form
  if (as === 'table') return valueAnswer(call, tableOf(call, [object], object.metadata.resourceVersion ?? ''), status)
  if (as === 'metadata-list') throw wrongShape(call.resource, false)
  if (as === 'metadata') return valueAnswer(call, partialMetadata(object, metaVersion), status)
  const known = call.form.format === 'json' ? call.server.codec.textOf(object) : undefined
  if (known !== undefined) return bodyAnswer(call, known, status)
  return valueAnswer(call, object as unknown as JsonObject, status)
}

/** Any JSON value with the warnings of the call. */
export function valueAnswer(call: Pick<Call, 'form' | 'warnings'>, value: JsonObject, status = 200): ApiResponse {
  return bodyAnswer(call, formatted(call.form.format, value), status)
}

/** A value in a format. */
export function formatted(format: Format, value: JsonObject): string | Uint8Array {
  switch (format) {
    case 'json':
      return jsonText(value)
    case 'yaml':
      return yamlText(value)
    case 'protobuf':
      return encodeObject(value)
  }
}

/** A body that is already in the form asked for. */
export function bodyAnswer(
  call: Pick<Call, 'form' | 'warnings'>,
  body: string | Uint8Array,
  status = 200,
): ApiResponse {
  return { status, headers: { ...typeHeaders(call.form.format), ...warningHeader(call.warnings) }, body }
}

/** An error in the format its client reads. */
export function statusAnswer(error: ApiError, accept: string | undefined): ApiResponse {
  const format = plainFormat(accept)
  return {
    status: error.code,
    headers: { ...typeHeaders(format), ...error.headers },
    body: formatted(format, error.toStatus()),
  }
}

/** The content type of a format. */
export function typeHeaders(format: Format): Readonly<Record<string, string>> {
  switch (format) {
    case 'json':
      return JSON_HEADERS
    case 'yaml':
      return { 'content-type': 'application/yaml' }
    case 'protobuf':
      return { 'content-type': 'application/vnd.kubernetes.protobuf' }
  }
}

/** `Warning: 299 - "text"`, one after the other. */
export function warningHeader(warnings: readonly string[]): Readonly<Record<string, string>> {
  if (warnings.length === 0) return {}
  return { warning: warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(', ') }
}
