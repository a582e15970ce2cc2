// Kinds whose conditions are counted and told in a text of several lines: Knative, KServe, OLM, OpenShift, Grafana.
import type { HealthStatusCode } from '../../crds/application.ts'
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { objectAt, objectsIn, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'
import { conditionsOf, type Assess } from './rule-language.ts'

function hasConditions(object: KubeObject): boolean {
  return Array.isArray(objectAt(object, 'status')['conditions'])
}

function isTrue({ status }: JsonObject): boolean {
  return status === 'True'
}

function lineOf(condition: JsonObject, index: number): string {
  return `${index + 1}: ${textIn(condition, 'type')} | ${textIn(condition, 'status')}\n`
}

/** Knative's operator: all of `wanted` True is healthy; one of `decisive` that is False, or any Unknown, is progress. */
function knativeOperator(wanted: readonly string[], decisive: readonly string[]): Assess {
  return (object) => {
    const { kind } = object
    if (!hasConditions(object)) return healthOf('Progressing', `Waiting for ${kind}`)
    const list = conditionsOf(object)
    const text = list.map(lineOf).join('')
    const isDecisive = (condition: JsonObject): boolean => decisive.includes(textIn(condition, 'type'))
    const isOpen = list.some(
      (condition) => condition['status'] === 'Unknown' || (condition['status'] === 'False' && isDecisive(condition)),
    )
    if (isOpen) return healthOf('Progressing', text)
    const met = list.filter((condition) => isTrue(condition) && wanted.includes(textIn(condition, 'type')))
    return met.length === wanted.length ? healthOf('Healthy', `${kind} is healthy.`) : healthOf('Degraded', text)
  }
}

const KNATIVE_READY = ['ConfigurationsReady', 'RoutesReady', 'Ready']

function assessKnativeService(object: KubeObject): Health {
  if (!hasConditions(object)) return healthOf('Progressing', 'Waiting for status update.')
  const list = conditionsOf(object)
  const open = list.filter(({ status }) => status === 'False' || status === 'Unknown')
  const met = list.filter((condition) => isTrue(condition) && KNATIVE_READY.includes(textIn(condition, 'type')))
  if (met.length === KNATIVE_READY.length && open.length === 0)
    return healthOf('Healthy', 'Knative Service is healthy.')
  const isFailed = open.some(({ status }) => status === 'False')
  return healthOf(isFailed ? 'Degraded' : 'Progressing', open.map(describeOpen).join(''))
}

function describeOpen(condition: JsonObject): string {
  const [reason, message] = [textIn(condition, 'reason'), textIn(condition, 'message')]
  const since = reason === '' ? '' : `, since ${reason}.`
  const rest = message === '' ? '' : ` ${message}`
  return `${textIn(condition, 'type')} is ${textIn(condition, 'status')}${since}${rest}\n`
}

/** KServe: only a model that could not be brought up is a failure; conditions alone are progress. */
function assessInferenceService(object: KubeObject): Health {
  if (!hasConditions(object)) {
    return healthOf('Progressing', 'Waiting for InferenceService to report status...')
  }
  const list = conditionsOf(object)
  if (list.some((condition) => condition['type'] === 'Stopped' && isTrue(condition))) {
    return healthOf('Suspended', 'InferenceService is Stopped')
  }
  const model = objectAt(object, 'status')['modelStatus']
  const transition = model === undefined ? 'UpToDate' : textIn(objectAt(model), 'transitionStatus')
  const text = transition === 'UpToDate' ? '' : `0: transitionStatus | ${transition}`
  const open = list.map(describeUnmet).join('')
  const isOpen = list.some(({ type, status }) => status === 'Unknown' || (status === 'False' && type !== 'Stopped'))
  if (transition === 'UpToDate' && !isOpen) return healthOf('Healthy', 'InferenceService is healthy.')
  const isFailed = transition !== 'UpToDate' && transition !== 'InProgress'
  return healthOf(isFailed ? 'Degraded' : 'Progressing', text + open)
}

function describeUnmet(condition: JsonObject, index: number): string {
  if (isTrue(condition) || condition['type'] === 'Stopped') return ''
  const parts = [`${index + 1}: ${textIn(condition, 'type')}`, textIn(condition, 'status')]
  const more = [textIn(condition, 'reason'), textIn(condition, 'message')].filter((part) => part !== '')
  return ` | ${[...parts, ...more].join(' | ')}`
}

const SUBSCRIPTION_FAILURES = ['CatalogSourcesUnhealthy', 'InstallPlanFailed', 'ResolutionFailed']

/** Operator Lifecycle Manager; an update that waits for a person's approval, with the operator installed, is no fault. */
function assessSubscription(object: KubeObject): Health {
  if (!hasConditions(object)) {
    return healthOf('Progressing', 'An install plan for a subscription is pending installation')
  }
  const list = conditionsOf(object)
  const isForApproval = isWaitingForApproval(object, list)
  const counted = list.map((condition, index) => {
    if (isForApproval && condition['type'] === 'InstallPlanPending') return { text: '', status: 'Healthy' as const }
    return { text: lineOf(condition, index), status: judgeSubscription(condition) }
  })
  const verdicts = [...counted, judgeState(object, isForApproval)]
  const text = verdicts.map((verdict) => verdict.text).join('')
  const found = (status: HealthStatusCode): boolean => verdicts.some((verdict) => verdict.status === status)
  if (found('Degraded')) return healthOf('Degraded', text)
  return healthOf(found('Progressing') ? 'Progressing' : 'Healthy', text)
}

function isWaitingForApproval(object: KubeObject, list: readonly JsonObject[]): boolean {
  if (objectAt(object, 'spec')['installPlanApproval'] !== 'Manual') return false
  if (objectAt(object, 'status')['installedCSV'] === undefined) return false
  return list.some(
    ({ type, status, reason }) => type === 'InstallPlanPending' && status === 'True' && reason === 'RequiresApproval',
  )
}

function judgeSubscription(condition: JsonObject): HealthStatusCode {
  const type = textIn(condition, 'type')
  if (type === 'InstallPlanPending' && isTrue(condition)) return 'Progressing'
  if (type === 'InstallPlanMissing' && condition['reason'] !== 'ReferencedInstallPlanNotFound') return 'Degraded'
  return SUBSCRIPTION_FAILURES.includes(type) && isTrue(condition) ? 'Degraded' : 'Healthy'
}

function judgeState(object: KubeObject, isForApproval: boolean): { text: string; status: HealthStatusCode } {
  const { state } = objectAt(object, 'status')
  if (typeof state !== 'string') return { text: '.status.state not yet known\n', status: 'Progressing' }
  const text = `.status.state is '${state}'\n`
  switch (state) {
    case '':
    case 'UpgradeAvailable':
      return { text, status: 'Progressing' }
    case 'UpgradePending':
      if (!isForApproval) return { text, status: 'Progressing' }
      return {
        text: ".status.state is 'UpgradePending' (manual InstallPlan approval pending; treated as healthy)\n",
        status: 'Healthy',
      }
    default:
      return { text, status: state === 'UpgradeFailed' ? 'Degraded' : 'Healthy' }
  }
}

const ROLLED_OUT = 'replication controller successfully rolled out'

function assessDeploymentConfig(object: KubeObject): Health {
  const waiting = healthOf('Progressing', 'replication controller is waiting for pods to run')
  const { replicas } = objectAt(object, 'status')
  if (!hasConditions(object) || replicas === undefined) return waiting
  const met = conditionsOf(object).filter(
    (condition) =>
      isTrue(condition) &&
      (condition['type'] === 'Available' ||
        (condition['type'] === 'Progressing' && condition['reason'] === 'NewReplicationControllerAvailable')),
  ).length
  if (met === 2 || replicas === 0) return healthOf('Healthy', ROLLED_OUT)
  return met === 1 ? waiting : healthOf('Degraded', 'Deployment config is degraded')
}

function assessRoute(object: KubeObject): Health {
  const waiting = healthOf('Progressing', 'Route is still getting admitted')
  const { ingress } = objectAt(object, 'status')
  if (!Array.isArray(ingress)) return waiting
  const admitted = objectsIn(objectAt(object, 'status'), 'ingress').flatMap((each) =>
    objectsIn(each, 'conditions').filter(({ type }) => type === 'Admitted'),
  )
  if (admitted.filter(isTrue).length === ingress.length) return healthOf('Healthy', 'Route is healthy')
  return admitted.some(({ status }) => status === 'False') ? healthOf('Degraded', 'Route is degraded') : waiting
}

/** Grafana's dashboards and folders: all conditions are told until one is False. */
function assessGrafanaPart(object: KubeObject): Health {
  let text = ''
  let status: HealthStatusCode = 'Progressing'
  for (const condition of conditionsOf(object)) {
    if (condition['status'] === undefined) continue
    text += `${text === '' ? '' : ', '}${describeReason(condition)}`
    if (condition['status'] === 'False') return healthOf('Degraded', text)
    if (isTrue(condition)) status = 'Healthy'
  }
  return healthOf(status, text)
}

function describeReason({ reason, type, message }: JsonObject): string {
  if (typeof reason !== 'string') return ''
  if (typeof type !== 'string') return reason
  return `${reason} for ${type}${typeof message === 'string' ? ` because ${message}` : ''}`
}

export const countingRules: Readonly<Record<string, Assess>> = {
  'apps.openshift.io/DeploymentConfig': assessDeploymentConfig,
  'grafana.integreatly.org/GrafanaDashboard': assessGrafanaPart,
  'grafana.integreatly.org/GrafanaFolder': assessGrafanaPart,
  'operator.knative.dev/KnativeEventing': knativeOperator(['Ready', 'InstallSucceeded'], ['Ready']),
  'operator.knative.dev/KnativeServing': knativeOperator(
    ['Ready', 'InstallSucceeded', 'DependenciesInstalled', 'DeploymentsAvailable'],
    ['Ready', 'DeploymentsAvailable'],
  ),
  'operators.coreos.com/Subscription': assessSubscription,
  'route.openshift.io/Route': assessRoute,
  'serving.knative.dev/Service': assessKnativeService,
  'serving.kserve.io/InferenceService': assessInferenceService,
}
