// Creates, changes and deletes applications as upstream's API does (server/application/application.go, v3.5.1).
import { CapstanError } from '../../../base/errors.ts'
import { API_VERSION, parseApplication, type Application, type ApplicationSpec } from '../../../crds/application.ts'
import { KubeError } from '../../../kube/client/client.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../../kube/object.ts'
import { applyJsonPatch } from '../../../kube/patch/json-patch.ts'
import { applyMergePatch } from '../../../kube/patch/merge-patch.ts'
import type { Call } from '../../context.ts'
import { flagField, objectField, requiredText, textField, type RequestFields } from '../fields.ts'
import { requireAllowed } from '../permissions.ts'
import { untilCached } from './cached.ts'
import { rememberDeletion } from './deleted.ts'
import { findApplication, projectOf, rbacName, readFresh, refOf } from './find.ts'
import { recordAction } from './record.ts'
import { validateApplication } from './validate.ts'

/** Writes that build on a state another one has just changed are tried again this often, as client-go's DefaultRetry nearly does. */
const MAX_CONFLICTS = 10

const FINALIZER = 'resources-finalizer.argocd.argoproj.io'
const FINALIZERS: Readonly<Record<string, string>> = {
  '': FINALIZER,
  foreground: `${FINALIZER}/foreground`,
  background: `${FINALIZER}/background`,
}

/** POST /api/v1/applications. An equal one that exists is given back; a different one needs `upsert`. */
export async function createApplication(request: RequestFields, call: Call): Promise<unknown> {
  const wanted = readApplication(request, call)
  requireNamespace(wanted, call)
  requireAllowed(call, 'applications', 'create', rbacName(wanted, call.context.namespace))
  if (flagField(request, 'validate') !== false) await validateApplication(call, wanted)
  const { type, client } = { type: call.context.applications.type, client: call.context.client }
  try {
    const created = await untilCached(call, await client.create(type, wanted, { signal: call.signal }))
    recordAction(call, created, 'ResourceCreated', 'created application')
    return created
  } catch (error) {
    if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) throw error
    return replaceExisting(request, call, wanted)
  }
}

/** Nobody would look after an Application elsewhere (`security.IsNamespaceEnabled`). */
function requireNamespace({ metadata }: Application, { context }: Call): void {
  const { namespace = context.namespace } = metadata
  if (namespace === context.namespace || context.allowsNamespace?.(namespace) === true) return
  throw new CapstanError('forbidden', `namespace '${namespace}' is not permitted`)
}

async function replaceExisting(request: RequestFields, call: Call, wanted: Application): Promise<unknown> {
  const existing = await readFresh(call, wanted)
  if (isSameApplication(existing, wanted)) return existing
  if (flagField(request, 'upsert') !== true) {
    throw new CapstanError('bad-input', 'existing application spec is different, use upsert flag to force update')
  }
  requireAllowed(call, 'applications', 'update', rbacName(existing, call.context.namespace))
  return updateSpec(call, existing, (current) => withWanted(current, joined(current, wanted)))
}

/** What others have put on it stays, as upstream merges labels and annotations here (`updateApp`). */
function joined({ metadata }: Application, wanted: Application): Application {
  const labels = { ...metadata.labels, ...wanted.metadata.labels }
  const annotations = { ...metadata.annotations, ...wanted.metadata.annotations }
  return { ...wanted, metadata: { ...wanted.metadata, labels, annotations } }
}

/** PUT /api/v1/applications/{name}: spec, labels, annotations and finalizers are replaced. */
export async function updateApplication(request: RequestFields, call: Call): Promise<unknown> {
  const wanted = readApplication(request, call)
  const existing = findApplication(call, { ...wanted.metadata, appNamespace: wanted.metadata.namespace }, 'update')
  requireAllowed(call, 'applications', 'update', rbacName(wanted, call.context.namespace))
  if (flagField(request, 'validate') !== false) await validateApplication(call, wanted)
  return updateSpec(call, existing, (current) => withWanted(current, wanted))
}

/** PUT /api/v1/applications/{name}/spec: answers the new spec. */
export async function updateApplicationSpec(request: RequestFields, call: Call): Promise<unknown> {
  const existing = findApplication(call, request, 'update')
  const spec = objectField(request, 'spec')
  if (spec === undefined) throw new CapstanError('bad-input', 'spec: required')
  const wanted = parseApplication({ ...existing, spec })
  requireAllowed(call, 'applications', 'update', rbacName(wanted, call.context.namespace))
  if (flagField(request, 'validate') !== false) await validateApplication(call, wanted)
  const updated = await updateSpec(call, existing, (current) => ({ ...current, spec: wanted.spec }))
  return parseApplication(updated).spec
}

/** PATCH /api/v1/applications/{name} with a JSON patch or a merge patch, given as text. */
export async function patchApplication(request: RequestFields, call: Call): Promise<unknown> {
  const existing = findApplication(call, request, 'update')
  const patch = parsePatch(requiredText(request, 'patch'))
  const patchType = textField(request, 'patchType')
  const patched = (current: Application): Application => parseApplication(applyPatch(current, patch, patchType))
  const wanted = patched(existing)
  requireAllowed(call, 'applications', 'update', rbacName(wanted, call.context.namespace))
  await validateApplication(call, wanted)
  return updateSpec(call, existing, (current) => withWanted(current, patched(current)))
}

/** DELETE /api/v1/applications/{name}: cascading unless told otherwise, by a finalizer that the controller works off. */
export async function deleteApplication(request: RequestFields, call: Call): Promise<unknown> {
  const existing = findApplication(call, request, 'delete')
  const cascade = flagField(request, 'cascade') ?? true
  const policy = textField(request, 'propagationPolicy')
  if (!cascade && policy !== '') {
    throw new CapstanError('bad-input', 'cannot set propagation policy when cascading is disabled')
  }
  const finalizer = FINALIZERS[policy]
  if (finalizer === undefined) throw new CapstanError('bad-input', `invalid propagation policy: ${policy}`)
  await changeApplication(call, existing, (current) => withFinalizer(current, cascade ? finalizer : undefined))
  rememberDeletion(call.context, existing)
  await call.context.client.delete(refOf(call, existing), { signal: call.signal })
  recordAction(call, existing, 'ResourceDeleted', 'deleted application')
  return {}
}

async function updateSpec(
  call: Call,
  application: Application,
  change: (current: Application) => Application,
): Promise<KubeObject> {
  const updated = await changeApplication(call, application, change)
  recordAction(call, updated, 'ResourceUpdated', 'updated application spec')
  return updated
}

/** Reads, changes and writes an application until no other write comes between. */
export async function changeApplication(
  call: Call,
  application: Application,
  change: (current: Application) => Application,
): Promise<KubeObject> {
  for (let attempt = 1; ; attempt++) {
    const current = await readFresh(call, application)
    const wanted = change(current)
    if (wanted === current) return current
    try {
      const written = await call.context.client.update(refOf(call, application), wanted, { signal: call.signal })
      return await untilCached(call, written)
    } catch (error) {
      const isConflict = error instanceof KubeError && error.status === 409
      if (!isConflict || attempt >= MAX_CONFLICTS) throw error
    }
  }
}

/** The application in a request: namespace and project defaulted, no operation smuggled in. */
function readApplication(request: RequestFields, call: Call): Application {
  const body = objectField(request, 'application')
  if (body === undefined) throw new CapstanError('bad-input', 'application: required')
  const { operation: _operation, status: _status, ...rest } = body
  const metadata = typeof rest['metadata'] === 'object' ? (rest['metadata'] as JsonObject) : {}
  const application = parseApplication({
    ...rest,
    apiVersion: API_VERSION,
    kind: 'Application',
    metadata: { ...metadata, namespace: metadata['namespace'] ?? call.context.namespace },
  })
  if ((application.metadata.name ?? '') === '') throw new CapstanError('bad-input', 'metadata.name: required')
  return { ...application, spec: { ...application.spec, project: projectOf(application) } }
}

function withWanted(current: Application, wanted: Application): Application {
  const { labels, annotations, finalizers } = wanted.metadata
  const { labels: _l, annotations: _a, finalizers: _f, ...kept } = current.metadata
  return {
    ...current,
    metadata: {
      ...kept,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
    },
    spec: wanted.spec,
  }
}

function withFinalizer(current: Application, finalizer: string | undefined): Application {
  const others = (current.metadata.finalizers ?? []).filter((name) => !name.startsWith(FINALIZER))
  const finalizers = finalizer === undefined ? others : [...others, finalizer]
  if (deepEqual(finalizers, [...(current.metadata.finalizers ?? [])])) return current
  return { ...current, metadata: { ...current.metadata, finalizers } }
}

function isSameApplication(a: Application, b: Application): boolean {
  const seen = ({ spec, metadata }: Application): JsonValue =>
    JSON.parse(
      JSON.stringify([spec, metadata.labels ?? {}, metadata.annotations ?? {}, metadata.finalizers ?? []]),
    ) as JsonValue
  const withDefaults = (spec: ApplicationSpec): ApplicationSpec => ({ ...spec, project: spec.project || 'default' })
  return deepEqual(seen({ ...a, spec: withDefaults(a.spec) }), seen({ ...b, spec: withDefaults(b.spec) }))
}

function parsePatch(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch (error) {
    throw new CapstanError('bad-input', `patch: not JSON: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    })
  }
}

function applyPatch(current: Application, patch: JsonValue, patchType: string): JsonValue {
  // An Application is plain JSON; its type only names what it holds.
  const document = current as unknown as JsonObject
  switch (patchType) {
    case '':
    case 'json':
      return applyJsonPatch(document, patch)
    case 'merge':
      return applyMergePatch(document, patch)
    default:
      throw new CapstanError('bad-input', `Patch type '${patchType}' is not supported`)
  }
}
