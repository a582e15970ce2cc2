// Server-side apply.
import { messageOf } from '../../../base/errors.ts'
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../../kube/object.ts'
import { decodedBefore, decodeObject } from '../body.ts'
import type { Call, WriteResult } from '../call.ts'
import { expectedKind } from '../expected-kind.ts'
import { applyConfiguration } from '../managed-fields.ts'
import type { WriteOptions } from '../options.ts'
import { bodyText } from '../raw-body.ts'
import { apiVersionOf, gvkOf, keyOf } from '../resource.ts'
import { ApiError, badRequest, conflict, notFound, unknownError } from '../status.ts'
import { jsonInYaml } from '../strict-json.ts'
import { yamlValue } from '../yaml-body.ts'
import { checkName } from './update.ts'
import { createTracked, updateObject, withDefaults, type UpdateRequest } from '../write-object.ts'

/** Applies the configuration in the body under its field manager; creates the object where it is missing. */
export async function applyObject(
  call: Call,
  options: WriteOptions,
  part?: Pick<UpdateRequest, 'subresource' | 'keep'>,
): Promise<WriteResult> {
  const patch = readConfiguration(call, options)
  const name = call.route.name ?? ''
  const exists = call.server.store.get(keyOf(call.resource, call.namespace, name)) !== undefined
  if (!exists) return createByApply(call, options, { patch, isPart: part !== undefined })
  return updateObject(call, {
    subresource: '',
    ...part,
    name,
    options,
    tracked: true,
    transform: (old) => applied(call, { patch, live: old, subresource: part?.subresource ?? '' }, options),
  })
}

async function createByApply(
  call: Call,
  options: WriteOptions,
  { patch, isPart }: { readonly patch: KubeObject; readonly isPart: boolean },
): Promise<WriteResult> {
  const name = call.route.name ?? ''
  if (isPart) throw notFound(call.resource, name)
  const { uid } = patch.metadata
  if (uid !== undefined && uid !== '') {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`
    throw conflict(call.resource, name, why)
  }
  checkName(patch, name)
  const object = applied(call, { patch, live: undefined, subresource: '' }, options)
  return { object: await createTracked(call, withDefaults(call.resource, object), options), created: true }
}

interface Application {
  readonly patch: KubeObject
  readonly live: KubeObject | undefined
  readonly subresource: string
}

/** The object after the apply, decoded as its kind. A configuration that changes nothing gives the live object itself. */
function applied(call: Call, { patch, live, subresource }: Application, options: WriteOptions): KubeObject {
  const { resource, server } = call
  const write = { live, object: patch, manager: options.fieldManager, subresource, resource, nowMs: server.clock.now() }
  const result = applyConfiguration(write, options.force)
  checkName(result.object, call.route.name ?? '')
  if (result.isNoop && live !== undefined) return withoutNoise(result.object, live)
  const { managedFields, ...metadata } = result.object.metadata
  const value = { ...result.object, metadata } as unknown as JsonObject
  const raw = {
    value,
    complaints: [],
    wraps: true,
    ...(live === undefined ? {} : decodedBefore(call.server.codec, live)),
  }
  const object = convertApplied(
    call,
    patch,
    () => decodeObject(raw, expectedKind(call, gvkOf(resource)), resource, 'Ignore').object,
  )
  // These were written here and need no decoding.
  return managedFields === undefined ? object : { ...object, metadata: { ...object.metadata, managedFields } }
}

/** What fits the schema may still not fit the Go type; upstream finds that when it converts the merged object. */
function convertApplied(call: Call, { metadata }: KubeObject, convert: () => KubeObject): KubeObject {
  const { resource } = call
  try {
    return convert()
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 400 || resource.custom !== undefined) throw error
    const [, text] = error.message.split(/ cannot be handled as a \w+: /, 2)
    if (text === undefined) throw error
    const { namespace = '', name = '' } = metadata
    const type = `${apiVersionOf(resource).replace(/^v1$/, '/v1')}, Kind=${resource.kind}`
    const whole = `failed to convert new object (${namespace}/${name}; ${type}) to proper version`
    throw unknownError(`${whole}: unable to convert unstructured object to ${type}: ${conversionText(text)}`)
  }
}

/** Converting goes by reflection, which words numbers of its own. */
function conversionText(text: string): string {
  const type = /cannot unmarshal number \S+ into Go .* of type (?<type>int\d+)$/.exec(text)?.groups?.['type']
  if (type !== undefined) return `cannot convert float64 to ${type}`
  return text.replace(/ into Go struct field \S+ of type /, ' into Go value of type ')
}

/** An apply that changes nothing may still change who owns what. */
function withoutNoise(object: KubeObject, live: KubeObject): KubeObject {
  return { ...live, metadata: { ...live.metadata, managedFields: object.metadata.managedFields ?? [] } }
}

function readConfiguration(call: Call, options: WriteOptions): KubeObject {
  const text = bodyText(call.request.body)
  const value = parseConfiguration(call, text, options)
  if (!isObject(value)) throw badRequest('error decoding YAML: the configuration is no object')
  const metadata = isObject(value['metadata']) ? value['metadata'] : {}
  // The configuration is checked against its type before anything else is done with it.
  return { ...value, metadata } as unknown as KubeObject
}

function parseConfiguration(call: Call, text: string, options: WriteOptions): JsonValue {
  const json = jsonInYaml(text)
  if (json !== undefined) return json
  try {
    const value = yamlValue(text)
    noteDuplicates(call, text, options)
    return value
  } catch (error) {
    if (error instanceof Error && error.name === 'ApiError') throw error
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${messageOf(error)}`)
  }
}

function noteDuplicates(call: Call, text: string, options: WriteOptions): void {
  if (options.fieldValidation === 'Ignore') return
  try {
    yamlValue(text, 'error')
  } catch (error) {
    if (options.fieldValidation === 'Strict') {
      throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${messageOf(error)}`)
    }
    call.warnings.push(messageOf(error))
  }
}
