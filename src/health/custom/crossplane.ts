// Health of Crossplane's managed resources, composites and packages, and of providers that follow its convention.
import type { KubeObject } from '../../kube/object.ts'
import { isObject, objectAt, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'
import { conditionsOf, type Assess } from './rule-language.ts'

interface Convention {
  /** Kinds without a status, which are up to date by being there. */
  readonly withoutStatus: readonly string[]
  /** Conditions of which one that is True makes it healthy. */
  readonly ready: readonly string[]
}

/** Every group that ends in `.crossplane.io` and has no rule of its own for the kind. */
export const assessCrossplane: Assess = followConvention({
  withoutStatus: [
    'Composition',
    'CompositionRevision',
    'DeploymentRuntimeConfig',
    'ClusterProviderConfig',
    'ProviderConfig',
    'ProviderConfigUsage',
    'ControllerConfig',
  ],
  ready: ['Ready', 'Healthy', 'Offered', 'Established', 'ValidPipeline', 'RevisionHealthy'],
})

/** Every group that ends in `.upbound.io`. */
export const assessUpbound: Assess = followConvention({
  withoutStatus: ['ClusterProviderConfig', 'ProviderConfig', 'ProviderConfigUsage'],
  ready: ['Ready'],
})

const UP_TO_DATE = healthOf('Healthy', 'Resource is up-to-date.')
const PROVISIONING = healthOf('Progressing', 'Provisioning ...')
/** Any of these that is False means a failure. */
const OUTCOMES = ['LastAsyncOperation', 'Synced']
const CONFIGURATIONS = ['ProviderConfig', 'ClusterProviderConfig']

function followConvention(convention: Convention): Assess {
  return (object) => {
    const status = 'status' in object ? object.status : undefined
    if (!isObject(status)) return UP_TO_DATE
    if (Array.isArray(status['conditions'])) return judgeConditions(object, convention.ready)
    if (Object.keys(status).length === 0 && convention.withoutStatus.includes(object.kind)) return UP_TO_DATE
    const isInUse = CONFIGURATIONS.includes(object.kind) && (status['users'] ?? undefined) !== undefined
    return isInUse ? healthOf('Healthy', 'Resource is in use.') : PROVISIONING
  }
}

function judgeConditions(object: KubeObject, ready: readonly string[]): Health {
  let isReady = false
  for (const condition of conditionsOf(object)) {
    const type = textIn(condition, 'type')
    if (condition['status'] === 'False' && OUTCOMES.includes(type)) {
      return healthOf('Degraded', textIn(condition, 'message'))
    }
    if (condition['status'] === 'True' && ready.includes(type)) isReady = true
  }
  return isReady ? UP_TO_DATE : PROVISIONING
}

/** The provider for AWS names what it waits for; upstream misspells one of them, and clients see that. */
const AWS_RESOURCES: Readonly<Record<string, string>> = {
  'cloudfront.aws.crossplane.io/Distribution': 'distribution',
  'iam.aws.crossplane.io/Policy': 'Policy',
  'iam.aws.crossplane.io/Role': 'Role',
  'iam.aws.crossplane.io/RolePolicyAttachment': 'RolePolicyAttachment',
  'rds.aws.crossplane.io/DBCluster': 'DBCluster',
  'rds.aws.crossplane.io/DBInstance': 'DBInstance',
  'route53.aws.crossplane.io/ResourceRecordSet': 'resourcrecordset',
  's3.aws.crossplane.io/Bucket': 'Bucket',
}

export const crossplaneRules: Readonly<Record<string, Assess>> = Object.fromEntries(
  Object.entries(AWS_RESOURCES).map(([key, what]) => [key, (object: KubeObject) => assessAws(object, what)]),
)

function assessAws(object: KubeObject, what: string): Health {
  if (!Array.isArray(objectAt(object, 'status')['conditions'])) {
    return healthOf('Progressing', `Waiting for ${what} to be created`)
  }
  const list = conditionsOf(object)
  const ready = list.findLast(({ type }) => type === 'Ready')
  const synced = list.findLast(({ type }) => type === 'Synced')
  const isReady = ready?.['status'] === 'True'
  const isSynced = synced?.['status'] === 'True'
  const isPaused = list.some(({ type, reason }) => type === 'Synced' && reason === 'ReconcilePaused')
  if (isReady && isSynced) return healthOf('Healthy', textIn(ready ?? {}, 'reason'))
  if (!isSynced && isPaused) return healthOf('Suspended', 'ReconcilePaused')
  if (isSynced && !isPaused) return healthOf('Progressing', `Waiting for ${what} to be available`)
  const failed = list.findLast(({ type, reason }) => type === 'Synced' && reason === 'ReconcileError')
  return healthOf('Degraded', textIn(failed ?? {}, 'message'))
}
