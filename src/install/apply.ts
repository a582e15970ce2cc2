// Puts the objects of an installation on a cluster by server-side apply, and leaves alone what others have made there.
import { CapstanError } from '../base/errors.ts'
import type { ResourceRef } from '../kube/client/client.ts'
import type { JsonObject, JsonValue, KubeObject } from '../kube/object.ts'
import {
  hasStatus,
  isOwn,
  MANAGER,
  nameOf,
  OWN_LABEL,
  OWN_VALUE,
  refOf,
  type InstallPlace,
  type PlainObject,
} from './place.ts'
import { recorded, type RecordedObject } from './record.ts'

/** What stands there under the same name, made by others, is used as it is. */
const SHARED_KINDS: ReadonlySet<string> = new Set(['Namespace', 'CustomResourceDefinition', 'ConfigMap', 'Secret'])
/** The same where the installation takes the place of an Argo CD. */
const TAKEN_KINDS: ReadonlySet<string> = new Set(['Service', 'Ingress'])

export interface ApplyOptions {
  /** The addresses of an Argo CD in the same namespace are used as they are. */
  readonly isBeside: boolean
}

/** An object and what was found under its name. */
export interface Step {
  readonly object: PlainObject
  readonly ref: ResourceRef
  readonly live: KubeObject | undefined
}

/** Looks what is there; throws `already-exists` where an object of another's stands in the way. Writes nothing. */
export async function lookUp(
  place: InstallPlace,
  objects: readonly PlainObject[],
  options: ApplyOptions,
): Promise<readonly Step[]> {
  const steps: Step[] = []
  for (const object of objects) {
    const ref = await refOf(place, object)
    const live = await place.client.get(ref, place.signal)
    if (live !== undefined && !isOwn(live) && !isShared(object, options)) throw inTheWay(place, live)
    steps.push({ object, ref, live })
  }
  return steps
}

/** Applies in the order given and tells of each object what became of it; gives those that the installation has made. */
export async function applySteps(place: InstallPlace, steps: readonly Step[]): Promise<readonly RecordedObject[]> {
  const isNew = steps.some(({ object, live }) => object.kind === 'Namespace' && live === undefined)
  const own: RecordedObject[] = []
  for (const step of steps) {
    const { object, ref, live } = step
    const outcome = await applyOne(place, step, place.isDryRun && isNew)
    place.say(`${nameOf(object, place.namespace)} ${outcome}${place.isDryRun ? ' (dry run)' : ''}`)
    if (live === undefined || isOwn(live)) own.push(recorded(object, ref.type.namespaced, place.namespace))
  }
  return own
}

function isShared({ kind }: KubeObject, { isBeside }: ApplyOptions): boolean {
  return SHARED_KINDS.has(kind) || (isBeside && TAKEN_KINDS.has(kind))
}

function inTheWay({ namespace }: InstallPlace, live: KubeObject): CapstanError {
  const { labels = {}, annotations = {} } = live.metadata
  const release = annotations['meta.helm.sh/release-name']
  const what = `${nameOf(live, namespace)} is there already and was not made by "capstan install"`
  if (labels[OWN_LABEL] === 'Helm' && release !== undefined) {
    const advice = `it is of the release ${release}: "helm upgrade ${release}" changes that`
    return new CapstanError('already-exists', `${what}; ${advice}, or --namespace names another place`)
  }
  const advice = 'if it is an Argo CD, --take-over puts Capstan in its place; --namespace names another place'
  return new CapstanError('already-exists', `${what}; ${advice}`)
}

type Outcome = 'created' | 'configured' | 'unchanged' | 'kept as it is'

/** `isUnasked`: the namespace is not there yet, so the cluster could only say that. */
async function applyOne(place: InstallPlace, step: Step, isUnasked: boolean): Promise<Outcome> {
  const { object, ref, live } = step
  const isFound = live !== undefined && !isOwn(live)
  const patch = isFound ? settingsOf(object) : withOwnLabel(object)
  if (patch === undefined) return 'kept as it is'
  if (isUnasked && live === undefined) return 'created'
  const { signal, isDryRun: dryRun } = place
  const after = await applied(place, ref, patch, { fieldManager: MANAGER, force: true, dryRun, signal })
  if (live === undefined) return 'created'
  return isSame(live, after, dryRun) ? 'unchanged' : 'configured'
}

/** A type that changes while it is applied is tried again. */
async function applied(
  { client }: InstallPlace,
  ref: ResourceRef,
  patch: JsonValue,
  options: Parameters<InstallPlace['client']['patch']>[3],
): Promise<KubeObject> {
  try {
    return await client.patch(ref, 'apply', patch, options)
  } catch (error) {
    if (hasStatus(error, 409)) return client.patch(ref, 'apply', patch, options)
    throw error
  }
}

/** A dry run counts no version. */
function isSame(before: KubeObject, after: KubeObject, dryRun: boolean): boolean {
  if (!dryRun) return before.metadata.resourceVersion === after.metadata.resourceVersion
  return contentOf(before) === contentOf(after)
}

function contentOf(object: KubeObject): string {
  const { managedFields: _, resourceVersion: _version, generation: _generation, ...metadata } = object.metadata
  return JSON.stringify({ ...object, metadata, status: undefined })
}

/** Resource types are brought up to date by every start, without a label: they are known by their writer. */
function withOwnLabel(object: PlainObject): JsonValue {
  if (object.kind === 'CustomResourceDefinition') return object
  const labels = { ...object.metadata.labels, [OWN_LABEL]: OWN_VALUE }
  const metadata = { ...(object.metadata as unknown as JsonObject), labels } // metadata of a rendered object is JSON
  return { ...object, metadata }
}

/** Of another's config map or Secret only what the settings say is written; undefined where they say nothing. */
function settingsOf({ apiVersion, kind, metadata, data, stringData }: PlainObject): JsonValue | undefined {
  if (data === undefined && stringData === undefined) return undefined
  const { name = '', namespace = '' } = metadata
  return {
    apiVersion,
    kind,
    metadata: { name, namespace },
    ...(data === undefined ? {} : { data }),
    ...(stringData === undefined ? {} : { stringData }),
  }
}
