// Creates, changes and deletes ApplicationSets, and shows what they would generate.
import { CapstanError, messageOf } from '../../../base/errors.ts'
import { type ApplicationSet, parseApplicationSet } from '../../../crds/application-set.ts'
import { API_VERSION, type Application, type ResourceStatus } from '../../../crds/application.ts'
import { GENERATOR_NAMES } from '../../../generators/generator-names.ts'
import { KubeError } from '../../../kube/client/client.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { Call } from '../../context.ts'
import { flagField, objectField, type RequestFields } from '../fields.ts'
import { callerOf, requireAllowed, wrapErrors } from '../permissions.ts'
import { enabledNamespace, findSet, rbacNameOf, refOf, setsOf } from './find.ts'
import { foreignProject } from './generator-projects.ts'

/** Writes that build on a state another one has just changed are tried again this often; upstream's. */
const MAX_CONFLICTS = 10

/** POST /api/v1/applicationsets. An equal one that exists is given back; a different one needs `upsert`. */
export async function createSet(request: RequestFields, call: Call): Promise<unknown> {
  const wanted = readSet(request, call, 'applicationset')
  if (flagField(request, 'dryRun') === true) return previewSet(wanted, call)
  const { client } = call.context
  try {
    const created = await client.create(setsOf(call).sets.type, wanted, { signal: call.signal })
    record(wanted, call, 'ResourceCreated', 'created ApplicationSet')
    return created
  } catch (error) {
    if (!(error instanceof KubeError)) throw error
    if (error.reason === 'AlreadyExists') return replaceExisting(request, call, wanted)
    throw new CapstanError(error.code, `error creating ApplicationSet: ${error.message}`, { cause: error })
  }
}

async function replaceExisting(request: RequestFields, call: Call, wanted: ApplicationSet): Promise<unknown> {
  const existing = await readFresh(wanted, call)
  if (isSame(existing, wanted)) return existing
  if (flagField(request, 'upsert') !== true) {
    throw new CapstanError('bad-input', 'existing ApplicationSet spec is different, use upsert flag to force update')
  }
  const name = rbacNameOf(wanted, call.context.namespace)
  requireAllowed(call, 'applicationsets', 'update', name)
  // Who moves one to another project needs the right to do so in both.
  requireAllowed(call, 'applicationsets', 'update', rbacNameOf(existing, call.context.namespace))
  const updated = await changeSet(existing, wanted, call)
  record(wanted, call, 'ResourceUpdated', 'updated ApplicationSets spec')
  return updated
}

async function changeSet(existing: ApplicationSet, wanted: ApplicationSet, call: Call): Promise<unknown> {
  let current = existing
  for (let attempt = 1; ; attempt++) {
    const { labels, annotations } = current.metadata
    const metadata = {
      ...current.metadata,
      labels: { ...labels, ...wanted.metadata.labels },
      annotations: { ...annotations, ...wanted.metadata.annotations },
      finalizers: wanted.metadata.finalizers ?? [],
    }
    try {
      const changed = { ...current, metadata, spec: wanted.spec }
      return await call.context.client.update(refOf(current, call), changed, { signal: call.signal })
    } catch (error) {
      const isConflict = error instanceof KubeError && error.status === 409
      if (!isConflict || attempt >= MAX_CONFLICTS) throw error
    }
    current = await readFresh(wanted, call)
  }
}

function isSame(existing: ApplicationSet, wanted: ApplicationSet): boolean {
  const parts = ({ spec, metadata }: ApplicationSet): unknown => [
    spec,
    metadata.labels ?? {},
    metadata.annotations ?? {},
    metadata.finalizers ?? [],
  ]
  return deepEqual(parts(existing), parts(wanted))
}

/** DELETE /api/v1/applicationsets/{name}: the controller and Kubernetes' garbage collector see to the Applications. */
export async function deleteSet(request: RequestFields, call: Call): Promise<unknown> {
  const set = findSet(request, call, 'delete')
  await call.context.client.delete(refOf(set, call), { signal: call.signal })
  record(set, call, 'ResourceDeleted', 'deleted ApplicationSets')
  return {}
}

/** POST /api/v1/applicationsets/generate: the Applications that would be, nothing is written. */
export async function generateSet(request: RequestFields, call: Call): Promise<unknown> {
  const set = readSet(request, call, 'applicationSet')
  return { applications: await generated(set, call) }
}

async function generated(set: ApplicationSet, call: Call): Promise<readonly Application[]> {
  try {
    return await setsOf(call).generate(set, call.signal)
  } catch (error) {
    const code = error instanceof CapstanError ? error.code : 'internal'
    const text = `unable to generate Applications of ApplicationSet: error generating applications: ${messageOf(error)}`
    throw new CapstanError(code, text, { cause: error })
  }
}

/**
 * The set with what it would do in `status.resources`, in the words of a sync: what is missing would be created, what is out of
 * sync changed, what requires pruning deleted. Upstream lists what is generated alone.
 */
async function previewSet(set: ApplicationSet, call: Call): Promise<ApplicationSet> {
  const applications = await generated(set, call)
  const plan = setsOf(call).plan(set, applications)
  const unwritten = new Set(applications.map(nameOf))
  const lines = [
    ...plan.create.map((one) => lineOf(one, { status: 'OutOfSync', health: { status: 'Missing' } })),
    ...plan.update.map(({ wanted, live }) => lineOf(wanted, { status: 'OutOfSync', health: healthOf(live) })),
    ...plan.unchanged.map((one) => lineOf(one, { status: 'Synced', health: healthOf(one) })),
    ...plan.delete.map((one) => lineOf(one, { status: 'OutOfSync', health: healthOf(one), requiresPruning: true })),
  ]
  for (const { name = '' } of lines) unwritten.delete(name)
  // Those with faults of their own: the controller would leave them alone.
  const invalid = applications.filter((one) => unwritten.has(nameOf(one)))
  const resources = [...lines, ...invalid.map((one) => lineOf(one, { status: 'Unknown', health: {} }))]
  return {
    ...set,
    status: { ...set.status, resources: resources.toSorted((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1)) },
  }
}

function lineOf(
  application: Application,
  state: Pick<ResourceStatus, 'status' | 'health' | 'requiresPruning'>,
): ResourceStatus {
  const { name = '', namespace = '' } = application.metadata
  return { group: 'argoproj.io', version: 'v1alpha1', kind: 'Application', name, namespace, ...state }
}

function healthOf({ status }: Application): NonNullable<ResourceStatus['health']> {
  const health = status?.health?.status
  return health === undefined ? {} : { status: health }
}

/** The ApplicationSet of a request, which the caller may create. */
function readSet(request: RequestFields, call: Call, field: string): ApplicationSet {
  const body = objectField(request, field)
  if (body === undefined) {
    throw new CapstanError('bad-input', 'error creating ApplicationSets: ApplicationSets is nil in request')
  }
  const metadata = (typeof body['metadata'] === 'object' ? body['metadata'] : {}) as JsonObject // checked where it is read
  const named = typeof metadata['namespace'] === 'string' ? metadata['namespace'] : ''
  const namespace = enabledNamespace(named, call)
  const whole = { ...body, apiVersion: API_VERSION, kind: 'ApplicationSet', metadata: { ...metadata, namespace } }
  const set = parseApplicationSet(whole)
  const project = validProject(set)
  wrapErrors(`error checking create permissions for ApplicationSets ${set.metadata.name ?? ''} `, () => {
    requireAllowed(call, 'applicationsets', 'create', rbacNameOf(set, call.context.namespace))
    if (call.context.projects.get(call.context.namespace, project) !== undefined) return
    throw new CapstanError('bad-input', `ApplicationSet references project ${project} which does not exist`)
  })
  return set
}

function validProject({ metadata, spec }: ApplicationSet): string {
  const { project } = spec.template.spec
  const refused = (text: string): CapstanError =>
    new CapstanError('bad-input', `error validating ApplicationSets: ${text}`)
  if (project.includes('{{')) {
    throw refused('the Argo CD API does not currently support creating ApplicationSets with templated `project` fields')
  }
  if (foreignProject(spec.generators, project) !== undefined) {
    throw refused('templates of generators must not name another project')
  }
  const unknown = spec.generators.filter((entry) => !GENERATOR_NAMES.some((name) => entry[name] !== undefined))
  if (unknown.length === 0) return project
  const names = unknown.flatMap((entry) => Object.keys(entry).filter((name) => name !== 'selector')).toSorted()
  const list = names.length === 0 ? '' : `: ${names.join(', ')}`
  throw refused(`ApplicationSet ${metadata.name ?? ''} contains unrecognized generators${list}`)
}

async function readFresh({ metadata }: ApplicationSet, call: Call): Promise<ApplicationSet> {
  const { name = '', namespace = '' } = metadata
  const found = await call.context.client.get({ type: setsOf(call).sets.type, namespace, name }, call.signal)
  if (found === undefined) throw new CapstanError('not-found', `applicationsets.argoproj.io "${name}" not found`)
  return parseApplicationSet(found)
}

function record(set: ApplicationSet, call: Call, reason: string, text: string): void {
  call.context.recordEvent(set, reason, `${callerOf(call).subject} ${text}`)
}

function nameOf({ metadata }: Application): string {
  return metadata.name ?? ''
}
