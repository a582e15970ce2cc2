// The health of a live object: deletion first, then a rule of the user, then the rule of its kind.
import { kindOf, type GroupVersionKind, type KubeObject } from '../kube/object.ts'
import { assessCustomHealth } from './custom/custom.ts'
import { healthOf, type Health } from './health.ts'
import { assessJob, assessPod, assessWorkflow } from './runs.ts'
import { assessApiService, assessAutoscaler, assessClaim, assessIngress, assessService } from './services.ts'
import { assessDaemonSet, assessDeployment, assessReplicaSet, assessStatefulSet } from './workloads.ts'

const HOOK_FINALIZER = 'argocd.argoproj.io/hook-finalizer'

interface KindRule {
  /** Versions whose fields the rule knows; empty means any. */
  readonly versions: readonly string[]
  /** The name upstream gives the kind in its errors. */
  readonly name: string
  readonly assess: (object: KubeObject) => Health
}

/** By group and kind, as gitops-engine `pkg/health/health.go` lists them (argo-cd v3.5.1). */
const rules: Readonly<Record<string, KindRule>> = {
  'apps/Deployment': { versions: ['v1'], name: 'Deployment', assess: assessDeployment },
  'apps/ReplicaSet': { versions: ['v1'], name: 'ReplicaSet', assess: assessReplicaSet },
  'apps/StatefulSet': { versions: ['v1'], name: 'StatefulSet', assess: assessStatefulSet },
  'apps/DaemonSet': { versions: ['v1'], name: 'DaemonSet', assess: assessDaemonSet },
  '/Pod': { versions: ['v1'], name: 'Pod', assess: assessPod },
  '/Service': { versions: ['v1'], name: 'Service', assess: assessService },
  '/PersistentVolumeClaim': { versions: ['v1'], name: 'PersistentVolumeClaim', assess: assessClaim },
  'batch/Job': { versions: ['v1'], name: 'Job', assess: assessJob },
  'networking.k8s.io/Ingress': { versions: [], name: 'Ingress', assess: assessIngress },
  'extensions/Ingress': { versions: [], name: 'Ingress', assess: assessIngress },
  'autoscaling/HorizontalPodAutoscaler': { versions: ['v1', 'v2'], name: 'HPA', assess: assessAutoscaler },
  'apiregistration.k8s.io/APIService': { versions: ['v1', 'v1beta1'], name: 'APIService', assess: assessApiService },
  'argoproj.io/Workflow': { versions: [], name: 'Workflow', assess: assessWorkflow },
}

/**
 * The health of an object as the cluster holds it, or undefined for a kind without a rule.
 * `override` is the user's own rule (`resource.customizations.health.*`); where it answers, the others are not asked;
 * `none` is an answer, too: the object has no health.
 */
export function assessHealth(
  object: KubeObject,
  override?: (object: KubeObject) => Health | 'none' | undefined,
): Health | undefined {
  // A rendered manifest that nobody checked may lack metadata, whatever its type says.
  if (typeof object.metadata !== 'object') return assessHealth({ ...object, metadata: {} }, override)
  const { deletionTimestamp, finalizers } = object.metadata
  if (deletionTimestamp && !finalizers?.includes(HOOK_FINALIZER)) return healthOf('Progressing', 'Pending deletion')
  const own = override?.(object)
  if (own === 'none') return undefined
  return own ?? assessCustomHealth(object) ?? assessBuiltIn(object)
}

/** The health by the engine's own rule for the kind, whatever else is known of it. */
export function assessBuiltIn(object: KubeObject): Health | undefined {
  const gvk = kindOf(object)
  const key = `${gvk.group}/${gvk.kind}`
  const rule = Object.hasOwn(rules, key) ? rules[key] : undefined
  if (rule === undefined) return undefined
  if (rule.versions.length === 0 || rule.versions.includes(gvk.version)) return rule.assess(object)
  return healthOf('Unknown', `unsupported ${rule.name} GVK: ${printGvk(gvk)}`)
}

/** As Go prints a schema.GroupVersionKind. */
function printGvk(gvk: GroupVersionKind): string {
  return `${gvk.group}/${gvk.version}, Kind=${gvk.kind}`
}
