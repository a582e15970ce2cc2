// Health of custom resources whose rules look at more than one condition: certificates, autoscalers, brokers, clusters.
import type { HealthStatusCode } from '../../crds/application.ts'
import type { KubeObject } from '../../kube/object.ts'
import { conditionOf, objectAt, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'

type Check = readonly [type: string, value: string, status: HealthStatusCode]

/** The first check whose condition has the value decides, with the condition's message. */
function firstOf(object: KubeObject, checks: readonly Check[], waiting: string): Health {
  for (const [type, value, status] of checks) {
    const condition = conditionOf(object, type)
    if (condition?.['status'] === value) return healthOf(status, textIn(condition, 'message'))
  }
  return healthOf('Progressing', waiting)
}

/** cert-manager.io Certificate: while one is being issued, that it is not ready is no fault. */
export function assessCertificate(object: KubeObject): Health {
  const checks: readonly Check[] = [
    ['Issuing', 'True', 'Progressing'],
    ['Ready', 'False', 'Degraded'],
    ['Ready', 'True', 'Healthy'],
  ]
  return firstOf(object, checks, 'Waiting for certificate')
}

/** external-secrets.io ClusterExternalSecret. */
export function assessClusterExternalSecret(object: KubeObject): Health {
  const checks: readonly Check[] = [
    ['Ready', 'True', 'Healthy'],
    ['NotReady', 'True', 'Degraded'],
    ['PartiallyReady', 'True', 'Degraded'],
  ]
  return firstOf(object, checks, 'Waiting for ClusterExternalSecret')
}

/** keda.sh ScaledObject. */
export function assessScaledObject(object: KubeObject): Health {
  const checks: readonly Check[] = [
    ['Paused', 'True', 'Suspended'],
    ['Ready', 'True', 'Healthy'],
    ['Ready', 'False', 'Degraded'],
    ['Ready', 'Unknown', 'Degraded'],
  ]
  return firstOf(object, checks, 'Creating HorizontalPodAutoscaler Object')
}

/** Strimzi's brokers, connectors and bridges: `Ready` or `NotReady`, whichever stands there. */
export function assessStrimzi(what: string): (object: KubeObject) => Health {
  return (object) => {
    const failure = conditionOf(object, 'NotReady')
    if (failure?.['status'] === 'True') return healthOf('Degraded', textIn(failure, 'message'))
    if (conditionOf(object, 'Ready')?.['status'] === 'True') return healthOf('Healthy')
    return healthOf('Progressing', `Waiting for ${what}`)
  }
}

/** k8s.keycloak.org Keycloak. */
export function assessKeycloak(object: KubeObject): Health {
  const problem = conditionOf(object, 'HasErrors')
  const ready = conditionOf(object, 'Ready')
  if (problem === undefined && ready === undefined) {
    return healthOf('Progressing', 'Waiting for Keycloak status conditions to exist')
  }
  if (problem?.['status'] === 'True') return healthOf('Degraded', `Has Errors: ${textIn(problem, 'message')}`)
  return healthOf(ready?.['status'] === 'True' ? 'Healthy' : 'Progressing')
}

const POSTGRES: Readonly<Record<string, HealthStatusCode>> = {
  Running: 'Healthy',
  Creating: 'Progressing',
  Updating: 'Progressing',
  CreateFailed: 'Degraded',
  UpdateFailed: 'Degraded',
  SyncFailed: 'Degraded',
}

/** acid.zalan.do postgresql. */
export function assessPostgres(object: KubeObject): Health {
  const text = textIn(objectAt(object, 'status'), 'PostgresClusterStatus')
  const status = POSTGRES[text]
  if (status === undefined) return healthOf('Progressing', 'Waiting for postgres cluster status...')
  return healthOf(status, text)
}

/** source.toolkit.fluxcd.io HelmRepository: one of type `oci` has no status at all. */
export function assessHelmRepository(object: KubeObject): Health {
  if (objectAt(object, 'spec')['type'] === 'oci') {
    return healthOf('Healthy', "Helm repositories of type 'oci' do not contain any information in the status.")
  }
  const ready = conditionOf(object, 'Ready')
  if (ready === undefined) return healthOf('Progressing', 'Waiting for HelmRepository')
  const status = ready['status'] === 'True' ? 'Healthy' : 'Degraded'
  return healthOf(ready['status'] === 'Unknown' ? 'Progressing' : status, textIn(ready, 'reason'))
}

/** gateway.networking.k8s.io Gateway and GatewayClass: conditions of an older generation do not count. */
export function assessGateway(object: KubeObject): Health {
  const { kind } = object
  const types = kind === 'GatewayClass' ? ['Accepted'] : ['Accepted', 'ResolvedRefs', 'Programmed']
  const found = types.map((type) => conditionOf(object, type)).filter((condition) => condition !== undefined)
  const generation = object.metadata.generation
  const isStale = found.some(({ observedGeneration }) => generation !== undefined && observedGeneration !== generation)
  if (isStale || found.length === 0) return healthOf('Progressing', `Waiting for ${kind} status`)
  for (const condition of found) {
    const isProgress = condition['type'] === 'Programmed' || condition['status'] === 'Unknown'
    if (condition['status'] === 'True') continue
    return healthOf(isProgress ? 'Progressing' : 'Degraded', textIn(condition, 'message'))
  }
  return healthOf('Healthy', `${kind} is healthy`)
}
