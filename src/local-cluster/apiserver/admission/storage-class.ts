// Claims get the default class, and grow only where their class allows it (`DefaultStorageClass`, `PersistentVolumeClaimResize`, v1.36.3).
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { quantityOf } from '../../../kube/quantity.ts'
import type { AdmissionRequest, ServerParts } from '../call.ts'
import { forbidden } from '../status.ts'
import { admittedName } from './admission.ts'

/** What named a claim's class before there was a field for it. */
export const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class'
const DEFAULT_MARKS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]
const CLASSES_PREFIX = 'storage.k8s.io/storageclasses/'

interface Claim extends KubeObject {
  readonly spec?: {
    readonly storageClassName?: string
    readonly resources?: { readonly requests?: { readonly storage?: string } }
  } & JsonObject
  readonly status?: { readonly phase?: string }
}

/** Fills in `spec.storageClassName` of a new claim that names none; throws 403 for a claim that may not grow. */
export function admitClaim(request: AdmissionRequest): KubeObject {
  const { call, operation, object, old, subresource } = request
  if (call.resource.group !== '' || call.resource.resource !== 'persistentvolumeclaims' || subresource !== '')
    return object
  if (operation === 'CREATE') return withClass(call.server, object)
  if (operation === 'UPDATE' && old !== undefined) checkGrowth(request, object, old)
  return object
}

function withClass(server: ServerParts, claim: Claim): KubeObject {
  const isNamed = claim.spec?.storageClassName !== undefined || claim.metadata.annotations?.[BETA_CLASS] !== undefined
  if (isNamed) return claim
  const classes = server.store.list({ prefix: CLASSES_PREFIX }).items.map((stored) => server.codec.parse(stored))
  const name = defaultClass(classes)?.metadata.name
  return name === undefined ? claim : ({ ...claim, spec: { ...claim.spec, storageClassName: name } } as KubeObject)
}

/** The newest of the classes marked as default, of equally old ones the first by name (pkg/volume/util GetDefaultClass). */
export function defaultClass<T extends KubeObject>(
  classes: Iterable<T>,
  marks: readonly string[] = DEFAULT_MARKS,
): T | undefined {
  const marked = [...classes].filter(({ metadata: { annotations = {} } }) =>
    marks.some((name) => annotations[name] === 'true'),
  )
  const time = ({ metadata }: T): string => metadata.creationTimestamp ?? ''
  const byName = marked.toSorted((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
  return byName.toSorted((a, b) => (time(a) > time(b) ? -1 : Number(time(a) < time(b))))[0]
}

function checkGrowth({ call }: AdmissionRequest, claim: Claim, old: Claim): void {
  // Of one that is not bound nothing may change: validation says so, which upstream asks first.
  if (old.status?.phase !== 'Bound' || sizeOf(claim) <= sizeOf(old) || mayGrow(call.server, claim, old)) return
  const why =
    'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize'
  throw forbidden(call.resource, admittedName(claim), why)
}

function mayGrow({ store, codec }: ServerParts, claim: Claim, old: Claim): boolean {
  const name = classOf(claim)
  if (name === '' || name !== classOf(old)) return false
  const stored = store.get(CLASSES_PREFIX + name)
  const storageClass = stored === undefined ? undefined : codec.parse(stored)
  return (storageClass as { readonly allowVolumeExpansion?: boolean } | undefined)?.allowVolumeExpansion === true
}

function classOf({ metadata, spec }: Claim): string {
  return metadata.annotations?.[BETA_CLASS] ?? spec?.storageClassName ?? ''
}

function sizeOf({ spec }: Claim): bigint {
  return quantityOf(spec?.resources?.requests?.storage ?? '0')?.nano ?? 0n
}
