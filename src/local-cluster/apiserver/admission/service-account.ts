// New pods: their service account with its token volume and pull secrets, their priority, the standard tolerations.
import type { JsonObject, JsonValue, KubeObject } from '../../../kube/object.ts'
import { textOf } from '../json-text.ts'
import { forbidden } from '../status.ts'
import type { AdmissionRequest, Call } from '../call.ts'
import { admittedName } from './admission.ts'

interface PodSpec {
  readonly serviceAccountName?: string
  readonly serviceAccount?: string
  readonly automountServiceAccountToken?: boolean
  readonly imagePullSecrets?: readonly JsonObject[]
  readonly containers?: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly volumes?: readonly JsonObject[]
  readonly tolerations?: readonly JsonObject[]
  readonly priorityClassName?: string
  readonly priority?: number
  readonly preemptionPolicy?: string
}
type Container = JsonObject & { readonly volumeMounts?: readonly JsonObject[] }
type Pod = KubeObject & { readonly spec?: PodSpec }
type ServiceAccount = KubeObject & {
  readonly imagePullSecrets?: readonly JsonObject[]
  readonly automountServiceAccountToken?: boolean
}

/** Where containers find their token. */
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
/** A token lives an hour and seven seconds, as upstream has it (`TokenVolume`). */
const TOKEN_SECONDS = 3607

const PODS = { group: '', resource: 'pods' }

/** Completes a new pod; mirror pods of a kubelet get no service account. Throws 403 for a missing service account or priority class. */
export function admitPod({ call, operation, object, old, subresource }: AdmissionRequest): KubeObject {
  const isPod = call.resource.group === '' && call.resource.resource === 'pods'
  if (!isPod || subresource !== '' || operation === 'DELETE') return object
  if (operation === 'UPDATE') return admitChange(call, object, old)
  const isMirror = object.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined
  const pod = object as Pod
  const steps = [withTolerations, withPriority, ...(isMirror ? [] : [withServiceAccount])]
  const spec = steps.reduce((current, step) => step(call, { ...pod, spec: current }), pod.spec ?? {})
  return { ...object, spec } as KubeObject
}

/** A change that leaves out what admission gave keeps it; tolerations are completed on every write. */
function admitChange(call: Call, object: Pod, old: Pod | undefined): KubeObject {
  const { priority, preemptionPolicy } = old?.spec ?? {}
  const kept: PodSpec = {
    ...(priority === undefined ? {} : { priority }),
    ...(preemptionPolicy === undefined ? {} : { preemptionPolicy }),
    ...object.spec,
  }
  return { ...object, spec: withTolerations(call, { ...object, spec: kept }) } as KubeObject
}

type SpecStep = (call: Call, pod: Pod & { readonly spec: PodSpec }) => PodSpec

function withServiceAccount(call: Call, pod: Pod & { readonly spec: PodSpec }): ReturnType<SpecStep> {
  const { spec } = pod
  const name = spec.serviceAccountName ?? spec.serviceAccount ?? 'default'
  const account = findAccount(call, pod, name)
  const named = { ...spec, serviceAccountName: name, serviceAccount: name }
  const secrets = spec.imagePullSecrets ?? []
  const withSecrets =
    secrets.length === 0 && account.imagePullSecrets !== undefined
      ? { ...named, imagePullSecrets: account.imagePullSecrets }
      : named
  const mounts = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true
  return mounts ? withToken(call, withSecrets) : withSecrets
}

function findAccount(call: Call, pod: KubeObject, name: string): ServiceAccount {
  const { store, codec } = call.server
  const stored = store.get(`/serviceaccounts/${call.namespace}/${name}`)
  if (stored !== undefined) return codec.parse(stored)
  const why = `error looking up service account ${call.namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`
  throw forbidden(PODS, admittedName(pod), why)
}

function withToken(call: Call, spec: PodSpec): PodSpec {
  const containers = spec.containers ?? []
  const initContainers = spec.initContainers ?? []
  if ([...containers, ...initContainers].every(isMounted)) return spec
  const existing = (spec.volumes ?? []).find((volume) => textOf(volume['name']).startsWith('kube-api-access-'))
  const name =
    existing === undefined ? `kube-api-access-${call.server.context().randomSuffix(5)}` : textOf(existing['name'])
  const mount = (container: Container): Container =>
    isMounted(container)
      ? container
      : {
          ...container,
          volumeMounts: [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: TOKEN_PATH }],
        }
  return {
    ...spec,
    containers: containers.map(mount),
    ...(initContainers.length === 0 ? {} : { initContainers: initContainers.map(mount) }),
    volumes: existing === undefined ? [...(spec.volumes ?? []), tokenVolume(name)] : (spec.volumes ?? []),
  }
}

function isMounted(container: Container): boolean {
  return (container.volumeMounts ?? []).some((mount) => mount['mountPath'] === TOKEN_PATH)
}

function tokenVolume(name: string): JsonObject {
  const namespaceField = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }
  const sources: readonly JsonValue[] = [
    { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    { downwardAPI: { items: [namespaceField] } },
  ]
  return { name, projected: { sources, defaultMode: 420 } }
}

/** Priority and preemption of the pod's class (`Priority` admission). */
function withPriority(call: Call, pod: Pod & { readonly spec: PodSpec }): ReturnType<SpecStep> {
  const { spec } = pod
  const name = spec.priorityClassName ?? ''
  const found = name === '' ? defaultClass(call) : namedClass(call, pod, name)
  const priority = Number(found?.['value'] ?? 0)
  const preemptionPolicy = textOf(found?.['preemptionPolicy'], 'PreemptLowerPriority')
  const computed = 'must not be provided in pod spec; priority admission controller computed'
  const from = 'from the given PriorityClass name'
  if (spec.priority !== undefined && spec.priority !== priority)
    throw forbidden(PODS, admittedName(pod), `the integer value of priority (${spec.priority}) ${computed} ${priority} ${from}`) // prettier-ignore
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy)
    throw forbidden(PODS, admittedName(pod), `the string value of PreemptionPolicy (${spec.preemptionPolicy}) ${computed} ${preemptionPolicy} ${from}`) // prettier-ignore
  const className =
    found === undefined
      ? {}
      : { priorityClassName: textOf((found['metadata'] as JsonObject | undefined)?.['name'], name) }
  return { ...spec, ...className, priority, preemptionPolicy }
}

const BUILTIN_CLASSES: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
}

function namedClass(call: Call, pod: KubeObject, name: string): JsonObject {
  const { store, codec } = call.server
  const stored = store.get(`scheduling.k8s.io/priorityclasses/${name}`)
  if (stored !== undefined) return codec.parse(stored) as unknown as JsonObject
  const value = BUILTIN_CLASSES[name]
  if (value !== undefined) return { metadata: { name }, value }
  throw forbidden(PODS, admittedName(pod), `no PriorityClass with name ${name} was found`)
}

function defaultClass(call: Call): JsonObject | undefined {
  const { store, codec } = call.server
  const classes = store
    .list({ prefix: 'scheduling.k8s.io/priorityclasses/' })
    .items.map((stored) => codec.parse(stored) as unknown as JsonObject)
  const defaults = classes.filter((one) => one['globalDefault'] === true)
  return defaults.toSorted((a, b) => Number(a['value']) - Number(b['value']))[0]
}

/** Pods stay five minutes on a node that is not ready or not reachable (`DefaultTolerationSeconds`). */
function withTolerations(_call: Call, pod: Pod & { readonly spec: PodSpec }): ReturnType<SpecStep> {
  const { spec } = pod
  const present = spec.tolerations ?? []
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter(
    (key) => !present.some((toleration) => tolerates(toleration, key)),
  )
  if (missing.length === 0) return spec
  const added = missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }))
  return { ...spec, tolerations: [...present, ...added] }
}

function tolerates(toleration: JsonObject, key: string): boolean {
  const sameKey = toleration['key'] === key || toleration['key'] === undefined
  const sameEffect =
    toleration['effect'] === 'NoExecute' || toleration['effect'] === undefined || toleration['effect'] === ''
  return sameKey && sameEffect
}
