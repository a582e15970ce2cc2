// The scale subresource: the number of replicas of anything that has one, as autoscaling/v1 Scale.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../../kube/object.ts'
import { formatLabelSelector, labelSelectorOf, type LabelSelectorObject } from '../../../kube/selector.ts'
import { decodeObject } from '../body.ts'
import { bodyText } from '../raw-body.ts'
import type { Call } from '../call.ts'
import { decodeCall, expectedKind } from '../expected-kind.ts'
import { applyConfiguration } from '../managed-fields.ts'
import { writeOptions, type WriteOptions } from '../options.ts'
import { patchDocument, readPatch } from '../patching.ts'
import { apiVersionOf, gvkOf, keyOf, type Resource, type ScalePaths } from '../resource.ts'
import { objectAnswer } from '../respond.ts'
import type { TableCell } from '../../kinds/contract.ts'
import { ageOf } from '../../kinds/tables/human-duration.ts'
import { columns } from '../../kinds/tables/table.ts'
import { invalidValue } from '../../kinds/validation/faults.ts'
import { conflict, internalError, invalid, notFound } from '../status.ts'
import { patchKind, patchOptions } from '../verbs/patch.ts'
import { checkName } from '../verbs/update.ts'
import { readStored, updateObject } from '../write-object.ts'

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' }
const BUILTIN_PATHS: ScalePaths = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  labelSelector: undefined,
}

type Scale = KubeObject & {
  readonly spec?: { readonly replicas?: number }
  readonly status?: { readonly replicas?: number }
}

/** The Scale of an object. */
export async function getScale(call: Call): Promise<ApiResponse> {
  const { server, resource } = call
  const name = call.route.name ?? ''
  await server.store.committed()
  const stored = server.store.get(keyOf(resource, call.namespace, name))
  if (stored === undefined) throw notFound(resource, name)
  return scaleAnswer(call, scaleOf(resource, readStored(call, stored)))
}

const COLUMNS = columns('Name Desired:integer Available:integer Age')

/** A Scale as it was asked for: in a table it has columns of its own. */
function scaleAnswer(call: Call, scale: KubeObject): ApiResponse {
  if (call.form.as !== 'table') return objectAnswer(call, scale)
  const table = {
    columns: COLUMNS,
    cells: ({ metadata, spec, status }: Scale, nowMs: number): readonly TableCell[] => [
      metadata.name ?? '',
      spec?.replicas ?? 0,
      status?.replicas ?? 0,
      ageOf(metadata.creationTimestamp, nowMs),
    ],
  }
  const resource = { ...call.resource, rules: { table }, custom: undefined }
  return objectAnswer({ ...call, resource }, scale)
}

/** Sets the replicas to those of the Scale in the body. */
export async function updateScale(call: Call): Promise<ApiResponse> {
  const options = writeOptions('UpdateOptions', call.query, call.request.headers['user-agent'])
  const scale = decodeScale(call, options)
  checkName(scale, call.route.name ?? '')
  return writeScale(call, options, () => scale)
}

/** Patches the Scale. */
export async function patchScale(call: Call): Promise<ApiResponse> {
  const kind = patchKind(call)
  const options = patchOptions(call, kind)
  if (kind === 'apply') return applyScale(call, options)
  const patch = readPatch(kind, bodyText(call.request.body))
  const resource = call.server.registry.find('apps', 'v1', 'deployments') ?? call.resource
  return writeScale(call, options, (current) => {
    const value = patchDocument(kind, current as unknown as JsonObject, patch.value, { ...resource, schema: undefined })
    const { object } = decodeObject(
      { value, complaints: patch.complaints },
      expectedKind(call, SCALE),
      undefined,
      options.fieldValidation,
    )
    return object
  })
}

/** Applies the replicas of a Scale to what it scales: conflicts are told in the fields of that. */
async function applyScale(call: Call, options: WriteOptions): Promise<ApiResponse> {
  const headers = { ...call.request.headers, 'content-type': 'application/yaml' }
  const scale = decodeScale({ ...call, request: { ...call.request, headers } }, options)
  const { resource, server } = call
  const name = call.route.name ?? ''
  const bare = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: { name } }
  const patch = withReplicas(resource, bare, checkedReplicas(resource, scale, name))
  const { object } = await updateObject(call, {
    name,
    options,
    subresource: 'scale',
    tracked: true,
    transform: (old) => {
      const write = {
        live: old,
        object: patch,
        manager: options.fieldManager,
        subresource: 'scale',
        resource,
        nowMs: server.clock.now(),
      }
      return applyConfiguration(write, options.force).object
    },
  })
  return objectAnswer(call, scaleOf(resource, object))
}

function decodeScale(call: Call, options: WriteOptions): Scale {
  return decodeCall(call, options.fieldValidation, { gvk: SCALE, resource: undefined })
}

async function writeScale(
  call: Call,
  options: WriteOptions,
  wanted: (current: KubeObject) => Scale,
): Promise<ApiResponse> {
  const { resource } = call
  const name = call.route.name ?? ''
  const { object } = await updateObject(call, {
    name,
    options,
    subresource: 'scale',
    transform: (old) => {
      const current = scaleOf(resource, old, true)
      const scale = wanted(current)
      const version = scale.metadata.resourceVersion ?? ''
      if (version !== '' && version !== old.metadata.resourceVersion) throw conflict(resource, name)
      return withReplicas(resource, old, checkedReplicas(resource, scale, name))
    },
  })
  return objectAnswer(call, scaleOf(resource, object))
}

function checkedReplicas(resource: Resource, scale: Scale, name: string): number {
  const replicas = scale.spec?.replicas ?? 0
  if (replicas >= 0) return replicas
  const paths = resource.custom?.scale
  if (paths === undefined)
    throw invalid(SCALE, name, [invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0')])
  const field = `.${paths.specReplicas.join('.')}`
  throw invalid(gvkOf(resource), name, [invalidValue(field, replicas, 'should be a non-negative integer')])
}

function pathsOf(resource: Resource): ScalePaths {
  return resource.custom?.scale ?? BUILTIN_PATHS
}

function withReplicas(resource: Resource, object: KubeObject, replicas: number): KubeObject {
  return setAt(object as unknown as JsonObject, pathsOf(resource).specReplicas, replicas) as unknown as KubeObject
}

function setAt(value: JsonObject, [step, ...rest]: readonly string[], wanted: JsonValue): JsonObject {
  if (step === undefined) return value
  const child = value[step]
  return { ...value, [step]: rest.length === 0 ? wanted : setAt(isObject(child) ? child : {}, rest, wanted) }
}

function valueAt(object: KubeObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = object as unknown as JsonObject
  for (const step of path) value = isObject(value) ? value[step] : undefined
  return value
}

function scaleOf(resource: Resource, object: KubeObject, isForWrite = false): KubeObject {
  const paths = pathsOf(resource)
  const replicas = valueAt(object, paths.specReplicas)
  if (replicas === undefined && resource.custom !== undefined && !isForWrite) {
    throw internalError(`the spec replicas field ".${paths.specReplicas.join('.')}" does not exist`)
  }
  const current = valueAt(object, paths.statusReplicas)
  const selector = selectorText(paths, object)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: scaleMetadata(object),
    spec: typeof replicas === 'number' && replicas !== 0 ? { replicas } : {},
    status: { replicas: typeof current === 'number' ? current : 0, ...(selector === '' ? {} : { selector }) },
  } as KubeObject
}

function scaleMetadata(object: KubeObject): KubeObject['metadata'] {
  const { name = '', namespace, uid = '', resourceVersion = '', creationTimestamp = null } = object.metadata
  return { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp }
}

function selectorText(paths: ScalePaths, object: KubeObject): string {
  if (paths.labelSelector !== undefined) {
    const text = valueAt(object, paths.labelSelector)
    return typeof text === 'string' ? text : ''
  }
  const selector = valueAt(object, ['spec', 'selector'])
  if (!isObject(selector)) return ''
  // A ReplicationController's selector is a plain map.
  const isMap = !('matchLabels' in selector) && !('matchExpressions' in selector)
  const parsed = labelSelectorOf((isMap ? { matchLabels: selector } : selector) as LabelSelectorObject)
  return parsed === undefined ? '' : formatLabelSelector(parsed)
}
