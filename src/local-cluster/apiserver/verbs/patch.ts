// PATCH of an object: JSON patch, merge patch, strategic merge patch, server-side apply.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import { goValueOf } from '../../../lang/go/json.ts'
import { sprint } from '../../../lang/go/print.ts'
import { jsonText } from '../../../kube/json-digits.ts'
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../../kube/object.ts'
import { contentType, decodedBefore, decodeObject, UnfitObjectError } from '../body.ts'
import { bodyText, unsupportedMediaType } from '../raw-body.ts'
import type { Call } from '../call.ts'
import { expectedKind } from '../expected-kind.ts'
import { writeOptions, type WriteOptions } from '../options.ts'
import { patchDocument, readPatch, type PatchKind } from '../patching.ts'
import { gvkOf, keyOf } from '../resource.ts'
import { objectAnswer } from '../respond.ts'
import { invalidValue } from '../../kinds/validation/faults.ts'
import { ApiError, conflict, invalid } from '../status.ts'
import { warnOf } from '../warnings.ts'
import { readStored, updateObject } from '../write-object.ts'
import { applyObject } from './apply.ts'
import { checkName, isUnconditional } from './update.ts'

const PATCH_TYPES: Readonly<Record<string, PatchKind>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
}

const CUSTOM_TYPES = 'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml'

/** Changes an object by the patch in the body; apply may create it. */
export async function patchFromBody(call: Call): Promise<ApiResponse> {
  const kind = patchKind(call)
  const options = patchOptions(call, kind)
  if (kind === 'apply') {
    const before = warnable(call)
    const { object, created } = await applyObject(call, options)
    warnOf(call, object, before)
    return objectAnswer(call, object, created ? 201 : 200)
  }
  const name = call.route.name ?? ''
  const transform = patchTransform(call, kind, options)
  const unconditional = isUnconditional(call.resource) || call.resource.custom !== undefined
  const before = warnable(call)
  const result = await updateObject(call, { name, options, subresource: '', transform, unconditional })
  warnOf(call, result.object, before)
  return objectAnswer(call, result.object)
}

/** The object as it stands, where its kind has warnings. */
function warnable(call: Call): KubeObject | undefined {
  if (call.resource.rules?.warnings === undefined) return undefined
  const stored = call.server.store.get(keyOf(call.resource, call.namespace, call.route.name ?? ''))
  return stored === undefined ? undefined : readStored(call, stored)
}

/** Throws 415 for a content type that is no patch, or none the resource takes. */
export function patchKind(call: Call): PatchKind {
  const kind = PATCH_TYPES[contentType(call.request.headers)]
  if (kind === undefined)
    throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', { details: {} })
  if (kind === 'strategic' && call.resource.custom !== undefined) throw unsupportedMediaType(CUSTOM_TYPES)
  return kind
}

export function patchOptions(call: Call, kind: PatchKind): WriteOptions {
  return writeOptions('PatchOptions', call.query, call.request.headers['user-agent'], kind === 'apply')
}

/** A function that makes the wanted object from the present one, decoded anew as the kind of the resource. */
export function patchTransform(call: Call, kind: PatchKind, options: WriteOptions): (old: KubeObject) => KubeObject {
  const patch = readPatch(kind, bodyText(call.request.body))
  const expected = expectedKind(call, gvkOf(call.resource))
  return (old) => {
    const patched = patchDocument(kind, old as unknown as JsonObject, patch.value, call.resource)
    const raw = {
      value: keepVersion(patched, old, call),
      complaints: patch.complaints,
      ...decodedBefore(call.server.codec, old),
    }
    const { object, warnings } = decodePatched(
      () => decodeObject(raw, expected, call.resource, options.fieldValidation),
      // A strategic patch is merged without becoming text: it is shown as Go prints it.
      (why) =>
        kind === 'strategic'
          ? { shown: sprint([goValueOf(patch.value)]), why: restoreText(why) }
          : { shown: jsonText(sortedKeys(raw.value, call.resource.custom !== undefined)), why },
    )
    call.warnings.push(...warnings)
    checkName(object, call.route.name ?? '')
    return object
  }
}

/** A patch may make an object that does not fit its kind: 422 that shows it, as upstream does (endpoints/handlers/patch.go, v1.36). */
function decodePatched<T>(decode: () => T, tell: (why: string) => { shown: string; why: string }): T {
  try {
    return decode()
  } catch (error) {
    if (!(error instanceof UnfitObjectError)) throw error
    const { shown, why } = tell(error.why)
    throw invalid({ group: '', kind: '' }, '', [invalidValue('patch', shown, why)])
  }
}

const UNFIT = /^json: cannot unmarshal (?<from>\w+).* of type (?<to>\S+)$/
const GO_KINDS: Readonly<Record<string, string>> = { object: 'map', array: 'slice', number: 'int64' }

/** What the converter from maps to structs says instead of the JSON decoder (apimachinery `pkg/runtime/converter.go`, v0.36). */
function restoreText(why: string): string {
  const found = UNFIT.exec(why)?.groups
  if (found === undefined) return why
  const { from = '', to = '' } = found
  const kind = GO_KINDS[from] ?? from
  if (to.startsWith('[]')) return `cannot restore slice from ${kind}`
  if (to.startsWith('map[')) return `cannot restore map from ${kind}`
  return to.includes('.') && kind !== 'map' ? `cannot restore struct from: ${kind}` : `unrecognized type: ${to}`
}

/** Go writes maps with sorted keys: a custom object is maps throughout; of a built-in one, what a patch did not touch keeps its order. */
function sortedKeys(value: JsonValue, isDeep: boolean): JsonValue {
  if (Array.isArray(value) && isDeep) return value.map((item: JsonValue) => sortedKeys(item, isDeep))
  if (!isObject(value)) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(isDeep ? entries.map(([key, item]) => [key, sortedKeys(item, isDeep)]) : entries)
}

/** A patch that names a resourceVersion other than the present one is a conflict. */
function keepVersion(patched: JsonValue, old: KubeObject, call: Call): JsonValue {
  const { metadata } = patched as { readonly metadata?: { readonly resourceVersion?: unknown } } // any JSON value reads so
  const version = metadata?.resourceVersion
  if (typeof version === 'string' && version !== '' && version !== old.metadata.resourceVersion) {
    throw conflict(call.resource, call.route.name ?? '')
  }
  return patched
}
