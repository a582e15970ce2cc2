// What would be created, changed and deleted for an ApplicationSet: generated Applications against those that exist.
import type { ApplicationSet } from '../crds/application-set.ts'
import type { Application } from '../crds/application.ts'
import type { DeleteByJq, IgnoreRule } from '../diff/contract.ts'
import { removeIgnored, rulesFor } from '../diff/ignore.ts'
import type { JsonObject, OwnerReference } from '../kube/object.ts'
import { createMergePatch } from '../kube/patch/merge-patch.ts'
import { compareText } from '../lang/go/text.ts'
import { normalizeSpec, withoutEmpty } from './normalize-spec.ts'
import type { Allowed } from './policy.ts'

export interface PlanInput {
  readonly applicationSet: ApplicationSet
  /** All that were generated: what is among them is not deleted. */
  readonly generated: readonly Application[]
  /** Those of them that may be written. */
  readonly valid: readonly Application[]
  /** Applications the ApplicationSet owns. */
  readonly owned: readonly Application[]
  /** Any Application of the ApplicationSet's namespace, whoever owns it. */
  readonly find: (name: string) => Application | undefined
  readonly allowed: Allowed
  /** Kept on every Application, whatever is generated (`--preserved-annotations`, `--preserved-labels`). */
  readonly preserved: { readonly annotations: readonly string[]; readonly labels: readonly string[] }
  /** For `ignoreApplicationDifferences` with jq. */
  readonly deleteByJq?: DeleteByJq
}

export interface Change {
  readonly live: Application
  readonly wanted: Application
  /** A merge patch from one to the other. */
  readonly patch: JsonObject
}

export interface ChangePlan {
  readonly create: readonly Application[]
  readonly update: readonly Change[]
  readonly unchanged: readonly Application[]
  readonly delete: readonly Application[]
}

/** Sorted by name. Throws `bad-input` for a rule of `ignoreApplicationDifferences` that cannot be carried out. */
export function planChanges(input: PlanInput): ChangePlan {
  const { generated, valid, owned, allowed } = input
  const ownedNames = new Set(owned.map(nameOf))
  const create: Application[] = []
  const update: Change[] = []
  const unchanged: Application[] = []
  for (const application of valid.toSorted((a, b) => compareText(nameOf(a), nameOf(b)))) {
    const live = input.find(nameOf(application))
    if (live === undefined) {
      create.push(wantedApplication(application, undefined, input))
    } else if (!allowed.updates && ownedNames.has(nameOf(application))) {
      unchanged.push(live)
    } else {
      const change = changeOf(application, live, input)
      if (change === undefined) unchanged.push(live)
      else update.push(change)
    }
  }
  return { create, update, unchanged, delete: allowed.deletes ? superfluous(owned, generated) : [] }
}

function superfluous(owned: readonly Application[], generated: readonly Application[]): readonly Application[] {
  const names = new Set(generated.map(nameOf))
  return owned
    .filter((application) => !names.has(nameOf(application)))
    .toSorted((a, b) => compareText(nameOf(a), nameOf(b)))
}

/** What differs of one that exists; undefined where nothing does. */
export function changeOf(generated: Application, live: Application, input: PlanInput): Change | undefined {
  const wanted = wantedApplication(generated, live, input)
  const rules = ignoreRules(input.applicationSet)
  const patch = createMergePatch(compared(live, rules, input), compared(wanted, rules, input))
  // An operation is asked for where none is under way, and never taken back.
  const isAsked = generated.operation !== undefined && live.operation === undefined
  const asked = isAsked ? { operation: generated.operation as unknown as JsonObject } : {}
  const whole = { ...patch, ...asked }
  return Object.keys(whole).length === 0 ? undefined : { live, wanted, patch: whole }
}

/** Whether a generated spec is what there is, by the rules a change is decided by (upstream's `SpecsEquivalent`). */
export function hasSameSpec(
  generated: Application,
  live: Application,
  input: Pick<PlanInput, 'applicationSet' | 'deleteByJq'>,
): boolean {
  const rules = ignoreRules(input.applicationSet)
  const specOf = (application: Application): JsonObject => {
    const { spec } = compared(normalizeSpec(application), rules, input) as { readonly spec?: JsonObject }
    return { spec: spec ?? {} }
  }
  return Object.keys(createMergePatch(specOf(live), specOf(generated))).length === 0
}

type Comparing = Pick<PlanInput, 'deleteByJq'>

function compared(application: Application, rules: readonly IgnoreRule[], { deleteByJq }: Comparing): JsonObject {
  const { apiVersion, kind, spec } = normalizeSpec(application)
  const { name, namespace, labels = {}, annotations = {}, finalizers = [], ownerReferences = [] } = application.metadata
  const metadata = { name, namespace, labels, annotations, finalizers, ownerReferences }
  const plain = { apiVersion, kind, metadata, spec } as unknown as Application
  const left = removeIgnored(plain, rulesFor(rules, plain), deleteByJq)
  return withoutEmpty(left as unknown as JsonObject) as JsonObject // an object stays one
}

function ignoreRules({ spec }: ApplicationSet): readonly IgnoreRule[] {
  return (spec.ignoreApplicationDifferences ?? []).map((rule) => ({
    ...rule,
    group: 'argoproj.io',
    kind: 'Application',
  }))
}

/** Kept whatever is generated: other controllers speak through them. */
const KEPT_ANNOTATIONS = [
  'notified.notifications.argoproj.io',
  'argocd.argoproj.io/refresh',
  'argocd.argoproj.io/hydrate',
]
/** Kept with their stages (`…/cleanup`). */
const KEPT_FINALIZERS = ['pre-delete-finalizer.argocd.argoproj.io', 'post-delete-finalizer.argocd.argoproj.io']

/** The Application as it should be: what was generated, with what must survive of the one that exists, owned by the set. */
function wantedApplication(generated: Application, live: Application | undefined, input: PlanInput): Application {
  const { applicationSet, preserved } = input
  const { annotations = [], labels = [] } = applicationSet.spec.preservedFields ?? {}
  const kept = live?.metadata ?? {}
  const { metadata } = generated
  return normalizeSpec({
    ...generated,
    metadata: {
      ...metadata,
      ...withKept('labels', metadata, kept, [...preserved.labels, ...labels]),
      ...withKept('annotations', metadata, kept, [...KEPT_ANNOTATIONS, ...preserved.annotations, ...annotations]),
      ...withKeptFinalizers(metadata, kept),
      ownerReferences: withOwner(kept.ownerReferences ?? [], applicationSet),
    },
  })
}

type Metadata = Application['metadata']

function withKept(
  field: 'labels' | 'annotations',
  generated: Metadata,
  live: Metadata,
  keys: readonly string[],
): Pick<Metadata, 'labels' | 'annotations'> {
  const joined = { ...generated[field], ...picked(live[field], keys) }
  return Object.keys(joined).length === 0 ? {} : { [field]: joined }
}

function withKeptFinalizers({ finalizers = [] }: Metadata, live: Metadata): Pick<Metadata, 'finalizers'> {
  const kept = (live.finalizers ?? []).filter((finalizer) => KEPT_FINALIZERS.some((one) => finalizer.startsWith(one)))
  const joined = [...new Set([...finalizers, ...kept])]
  return joined.length === 0 ? {} : { finalizers: joined }
}

function picked(
  from: Readonly<Record<string, string>> | undefined,
  keys: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(from ?? {}).filter(([key]) => keys.includes(key)))
}

function withOwner(references: readonly OwnerReference[], set: ApplicationSet): readonly OwnerReference[] {
  const own: OwnerReference = {
    apiVersion: set.apiVersion,
    kind: set.kind,
    name: set.metadata.name ?? '',
    uid: set.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
  const others = references.filter(({ kind, name }) => kind !== own.kind || name !== own.name)
  return [...others, own]
}

/** The other ApplicationSet or controller that an Application belongs to; undefined where it is free or ours. */
export function foreignOwner(application: Application, set: ApplicationSet): OwnerReference | undefined {
  return application.metadata.ownerReferences?.find(
    ({ controller, kind, name }) => controller === true && (kind !== set.kind || name !== set.metadata.name),
  )
}

/** Whether an Application belongs to the set: by its name, as upstream's index has it. */
export function isOwnedBy(
  application: Application,
  set: { readonly name: string; readonly namespace: string },
): boolean {
  return application.metadata.namespace === set.namespace && ownerNameOf(application) === set.name
}

/** The name of the ApplicationSet that controls an Application; undefined where none does. */
export function ownerNameOf({ metadata }: Application): string | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true)
  return owner?.kind === 'ApplicationSet' && owner.apiVersion === 'argoproj.io/v1alpha1' ? owner.name : undefined
}

function nameOf({ metadata }: Application): string {
  return metadata.name ?? ''
}
