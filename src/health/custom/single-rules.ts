// Health of custom resources with a rule that no other kind shares (texts of argo-cd v3.5.1).
import type { HealthStatusCode } from '../../crds/application.ts'
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { numberIn, objectAt, objectsIn, optionalNumberIn, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'
import { conditionsOf, type Assess } from './rule-language.ts'

function assessApiManager(object: KubeObject): Health {
  const available = healthOf('Healthy', '3scale APIManager is available')
  const { ready, starting, stopped } = objectAt(object, 'status', 'deployments')
  if (ready !== undefined && starting === undefined && stopped === undefined) return available
  for (const condition of conditionsOf(object)) {
    if (condition['type'] !== 'Available') continue
    if (condition['status'] === 'True') return available
    const reason = textIn(condition, 'reason')
    if (reason !== '') return healthOf('Degraded', `3scale APIManager is degraded: ${reason}`)
  }
  return healthOf('Progressing', 'Waiting for 3scale APIManager status...')
}

const POOL_PHASES: Readonly<Record<string, HealthStatusCode>> = {
  Running: 'Healthy',
  Scaling: 'Healthy',
  Failed: 'Degraded',
  Unknown: 'Degraded',
}

function assessMachinePool(object: KubeObject): Health {
  const phase = textIn(objectAt(object, 'status'), 'phase')
  const unmet = conditionsOf(object)
    .filter(({ type, status }) => type !== undefined && status === 'False')
    .map((each) => `Not ${textIn(each, 'type')}${each['reason'] === undefined ? '' : ` (${textIn(each, 'reason')})`}`)
  const text = phase === '' ? '' : `MachinePool is ${phase}`
  return healthOf(POOL_PHASES[phase] ?? 'Progressing', unmet.length === 0 ? text : `${text}: ${unmet.join(', ')}`)
}

function assessManagedControlPlane(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const { generation } = object.metadata
  const { observedGeneration } = status
  if (generation !== undefined && observedGeneration !== undefined && observedGeneration !== generation) {
    return healthOf('Progressing', 'Waiting for the control plane spec to be reconciled')
  }
  const failure = textIn(status, 'failureMessage')
  if (failure !== '') return healthOf('Degraded', failure)
  if (!Array.isArray(status['conditions'])) return healthOf('Progressing', 'Provisioning...')
  return judgeControlPlane(object, status)
}

function judgeControlPlane(object: KubeObject, status: JsonObject): Health {
  const list = conditionsOf(object)
  const isTrue = (wanted: string): boolean => list.some((each) => each['type'] === wanted && each['status'] === 'True')
  if (isTrue('EKSControlPlaneUpdating')) return healthOf('Progressing', 'EKS control plane is updating')
  if (isTrue('Ready')) return healthOf('Healthy', 'Control plane is ready')
  const errors = list.filter((each) => each['status'] === 'False' && each['severity'] === 'Error')
  if (errors.length > 0) return healthOf('Degraded', errors.map((each) => `${textIn(each, 'message')} `).join(''))
  const isDenied = status['ready'] === false
  return healthOf('Progressing', `Control plane is not ready${isDenied ? ' (.status.ready is false)' : ''}`)
}

const FAILURE_WORDS = /timeout|failed/iu

function assessSpinApp(object: KubeObject): Health {
  if (!('status' in object)) return healthOf('Progressing', 'Waiting for status to be available')
  const list = conditionsOf(object)
  const progress = list.filter(({ type }) => type === 'Progressing')
  const failed = progress.find(isFailedProgress)
  if (failed !== undefined) {
    return healthOf('Degraded', textIn(failed, 'message') || 'Application deployment has failed')
  }
  const available = list.findLast(({ type }) => type === 'Available')
  if (available?.['status'] !== 'True') {
    const text = available === undefined ? '' : textIn(available, 'message') || 'Application is not available'
    return healthOf('Degraded', text)
  }
  const ready = numberIn(objectAt(object, 'status'), 'readyReplicas')
  const wanted = optionalNumberIn(objectAt(object, 'spec'), 'replicas') ?? 1
  if (ready < wanted) {
    return healthOf('Progressing', `Waiting for replicas to be ready (${ready}/${wanted})`)
  }
  const moving = progress.findLast(({ status }) => status === 'True')
  if (moving !== undefined) return healthOf('Progressing', textIn(moving, 'message') || 'Application progress status')
  return healthOf('Healthy', `Application is healthy with ${ready}/${wanted} replicas ready`)
}

function isFailedProgress(condition: JsonObject): boolean {
  const { status, reason } = condition
  if (status !== 'False') return false
  return reason === 'ProgressDeadlineExceeded' || FAILURE_WORDS.test(textIn(condition, 'message'))
}

const CANARY_PHASES: Readonly<Record<string, HealthStatusCode>> = {
  Failed: 'Degraded',
  Progressing: 'Progressing',
  Finalising: 'Progressing',
  Promoting: 'Progressing',
  Succeeded: 'Healthy',
  Initialized: 'Healthy',
}

/** Flagger. */
function assessCanary(object: KubeObject): Health {
  if (!('status' in object)) return healthOf('Unknown', 'No status')
  const status = objectAt(object, 'status')
  const weight = numberIn(status, 'canaryWeight') || textIn(status, 'canaryWeight')
  const parts = Number(weight) > 0 ? [`Canary Weight: ${weight} %`] : []
  const texts = [...parts, ...conditionsOf(object).map((condition) => textIn(condition, 'message'))]
  const phase = textIn(status, 'phase')
  return healthOf(CANARY_PHASES[phase] ?? 'Unknown', [phase, texts.join(' --- ')].join(' --- '))
}

/** Gateway API: what each ancestor says of it, once all speak of the newest spec. */
function assessBackendTlsPolicy(object: KubeObject): Health {
  const { generation } = object.metadata
  const reports = objectsIn(objectAt(object, 'status'), 'ancestors').flatMap((ancestor) => {
    const name = textIn(objectAt(ancestor, 'ancestorRef'), 'name')
    return objectsIn(ancestor, 'conditions').map((condition) => ({ name, condition }))
  })
  const old = reports.find(
    ({ condition: { observedGeneration: seen } }) =>
      generation !== undefined && seen !== undefined && seen !== generation,
  )
  if (old !== undefined) {
    return healthOf('Progressing', `Waiting for Ancestor ${old.name} to update BackendTLSPolicy status`)
  }
  const isOf = (wanted: string, { type }: JsonObject): boolean => type === wanted
  const refused = reports.find(
    ({ condition }) =>
      (isOf('Accepted', condition) || isOf('ResolvedRefs', condition)) && condition['status'] !== 'True',
  )
  if (refused !== undefined) {
    return healthOf('Degraded', `Ancestor ${refused.name}: ${textIn(refused.condition, 'message')}`)
  }
  const isAccepted = reports.some(({ condition }) => isOf('Accepted', condition))
  if (isAccepted) return healthOf('Healthy', 'BackendTLSPolicy is healthy')
  return healthOf('Progressing', 'Waiting for BackendTLSPolicy status')
}

/** kubernetes-external-secrets, the forerunner of External Secrets. */
function assessOldExternalSecret(object: KubeObject): Health {
  const text = textIn(objectAt(object, 'status'), 'status')
  if (text === 'SUCCESS') return healthOf('Healthy', 'Fetched ExternalSecret.')
  if (text.startsWith('ERROR')) return healthOf('Degraded', text.replaceAll('ERROR, ', ''))
  return healthOf('Progressing', 'Waiting for ExternalSecret.')
}

function assessPrometheus(object: KubeObject): Health {
  const available = conditionsOf(object).findLast(({ type }) => type === 'Available')
  if (available === undefined) return healthOf('Progressing', 'Waiting for initialization')
  if (available['status'] === 'True') return healthOf('Healthy', 'All instances are available')
  const reason = textIn(available, 'reason')
  const { message } = available
  const text = typeof message === 'string' ? message : reason
  return healthOf(reason === 'SomePodsNotReady' ? 'Progressing' : 'Degraded', text)
}

function assessManagedCertificate(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  if (objectsIn(status, 'domainStatus').some((domain) => domain['status'] === 'FailedNotVisible')) {
    return healthOf('Degraded', 'At least one certificate has failed to be provisioned')
  }
  if (status['certificateStatus'] === 'Active') return healthOf('Healthy', 'All certificates are active')
  return healthOf('Progressing', 'At least one certificate is still being provisioned')
}

const NETWORK_STATES: Readonly<Record<string, HealthStatusCode>> = {
  Available: 'Healthy',
  Degraded: 'Degraded',
  Progressing: 'Progressing',
  Ignored: 'Suspended',
}

/** nmstate. */
function assessNetworkPolicy(object: KubeObject): Health {
  const told = conditionsOf(object).find(
    (condition) => condition['status'] === 'True' && Object.hasOwn(NETWORK_STATES, textIn(condition, 'type')),
  )
  if (told === undefined) return healthOf('Progressing', 'Waiting for policy to be applied')
  const [reason, message] = [textIn(told, 'reason'), textIn(told, 'message')]
  const text = message === '' ? reason : `${reason}: ${message}`
  return healthOf(NETWORK_STATES[textIn(told, 'type')] ?? 'Unknown', text)
}

const RATIO = /(?<ready>\d+)\/(?<total>\d+)/u

function assessCollector(object: KubeObject): Health {
  if (!('status' in object)) return healthOf('Progressing', 'Waiting for OpenTelemetry Collector status')
  const { mode } = objectAt(object, 'spec')
  const statusReplicas = textIn(objectAt(object, 'status', 'scale'), 'statusReplicas')
  if (statusReplicas === '') {
    if (mode === 'sidecar') return healthOf('Healthy', 'Collector is running in sidecar mode')
    return healthOf('Progressing', 'Scale status not available')
  }
  const groups = RATIO.exec(statusReplicas)?.groups
  if (groups === undefined) {
    return healthOf('Progressing', `Unable to parse replica status: ${statusReplicas}`)
  }
  const [ready, total] = [Number(groups['ready']), Number(groups['total'])]
  if (ready === 0 && total === 0 && mode === 'daemonset') {
    return healthOf('Healthy', 'DaemonSet has no eligible nodes (0/0)')
  }
  if (ready === 0) return healthOf('Degraded', 'No replicas are ready')
  if (ready === total) return healthOf('Healthy', 'All replicas are ready')
  return healthOf('Progressing', 'Replicas are starting up')
}

function assessConfigurationPolicy(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  if (status['compliant'] === undefined) return healthOf('Progressing', 'Waiting for the status to be reported')
  if (status['lastEvaluatedGeneration'] !== object.metadata.generation) {
    return healthOf('Progressing', 'Waiting for the status to be updated')
  }
  if (!Array.isArray(status['compliancyDetails'])) return healthOf('Progressing', 'Waiting for compliance')
  const texts = objectsIn(status, 'compliancyDetails')
    .flatMap((detail) => objectsIn(detail, 'conditions'))
    .filter(({ type, message }) => type !== undefined && message !== undefined)
    .map((condition) => `${textIn(condition, 'type')} - ${textIn(condition, 'message')}`)
  return healthOf(status['compliant'] === 'Compliant' ? 'Healthy' : 'Degraded', texts.join('; '))
}

function assessServiceDiscovery(object: KubeObject): Health {
  const last = (wanted: string): JsonObject => conditionsOf(object).findLast(({ type }) => type === wanted) ?? {}
  const [adopted, advertised, discovered] = [last('Adopted'), last('Advertised'), last('Discoverable')]
  if (adopted['status'] === 'False') return healthOf('Degraded', textIn(adopted, 'message'))
  if (['AdvertiseError', 'UnadvertiseError'].includes(textIn(advertised, 'reason'))) {
    return healthOf('Degraded', textIn(advertised, 'message'))
  }
  const text = textIn(discovered, 'message')
  if (discovered['reason'] === 'DiscoveryError') return healthOf('Unknown', text)
  return healthOf(discovered['status'] === 'True' ? 'Healthy' : 'Progressing', text)
}

/** SAP's service operator: no condition that says it failed is success. */
function assessSapService(object: KubeObject): Health {
  const { deletionTimestamp, generation } = object.metadata
  if (deletionTimestamp) return healthOf('Progressing', 'Resource is being deleted')
  if (!Array.isArray(objectAt(object, 'status')['conditions'])) return healthOf('Progressing', 'Waiting for status')
  for (const condition of conditionsOf(object)) {
    const { type, status, observedGeneration: seen } = condition
    if (seen !== undefined && generation !== undefined && seen !== generation) {
      return healthOf('Progressing', 'Waiting for spec update to be observed')
    }
    if ((type === 'Succeeded' && status === 'False') || (type === 'Failed' && status === 'True')) {
      return healthOf('Degraded', textIn(condition, 'message'))
    }
  }
  return healthOf('Healthy', 'Ready to use')
}

/** Karmada: every cluster reports; a binding without a list of clusters has those that report. */
function assessBinding(object: KubeObject, needsClusters: boolean): Health {
  const insufficient = healthOf('Progressing', 'Current resource status is insufficient')
  const { clusters } = objectAt(object, 'spec')
  const reports = objectsIn(objectAt(object, 'status'), 'aggregatedStatus')
  const wanted = Array.isArray(clusters) ? clusters.length : undefined
  if (wanted === undefined ? needsClusters : wanted === 0 || wanted !== reports.length) return insufficient
  if (reports.length === 0) return insufficient
  const isSick = reports.some(
    ({ health, applied }) => health === 'Unhealthy' || (health === 'Unknown' && applied !== true),
  )
  return isSick ? healthOf('Degraded', 'Current resource status is unhealthy') : healthOf('Healthy')
}

export const singleRules: Readonly<Record<string, Assess>> = {
  'apps.3scale.net/APIManager': assessApiManager,
  'cluster.x-k8s.io/MachinePool': assessMachinePool,
  'controlplane.cluster.x-k8s.io/AWSManagedControlPlane': assessManagedControlPlane,
  'core.spinkube.dev/SpinApp': assessSpinApp,
  'flagger.app/Canary': assessCanary,
  'gateway.networking.k8s.io/BackendTLSPolicy': assessBackendTlsPolicy,
  'kubernetes-client.io/ExternalSecret': assessOldExternalSecret,
  'monitoring.coreos.com/Prometheus': assessPrometheus,
  'networking.gke.io/ManagedCertificate': assessManagedCertificate,
  'nmstate.io/NodeNetworkConfigurationPolicy': assessNetworkPolicy,
  'opentelemetry.io/OpenTelemetryCollector': assessCollector,
  'policy.open-cluster-management.io/ConfigurationPolicy': assessConfigurationPolicy,
  'proclaim.dogmatiq.io/DNSSDServiceInstance': assessServiceDiscovery,
  'services.cloud.sap.com/ServiceBinding': assessSapService,
  'services.cloud.sap.com/ServiceInstance': assessSapService,
  'work.karmada.io/ClusterResourceBinding': (object) => assessBinding(object, true),
  'work.karmada.io/ResourceBinding': (object) => assessBinding(object, false),
}
