// Kinds of which one condition of the list decides: the first in their order, or the first clause; texts are upstream's (argo-cd v3.5.1).
import type { KubeObject } from '../../kube/object.ts'
import { objectAt, objectsIn, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'
import {
  choose,
  clausesInOrder,
  conditions,
  conditionsOf,
  has,
  is,
  isUnobserved,
  lacks,
  rule,
  when,
  word,
  type Assess,
  type ConditionClause,
} from './rule-language.ts'

const coralogix: Assess = rule(
  ['Progressing', 'Waiting for status to be updated'],
  conditions(['RemoteSynced=True', 'Healthy', 'Resource is ready'], ['RemoteSynced=False', 'Degraded', '{.message}']),
)

const grafanaOrganisation: Assess = rule(
  ['Progressing', 'Waiting ...'],
  conditions(
    ['Ready=False', 'Degraded', '{.message}'],
    ['Ready=True', 'Healthy', '{.message}'],
    ['Ready', 'Progressing', '{.message}'],
  ),
)

const functionFailures: readonly ConditionClause[] = [
  ['Ready=False', 'Degraded', '{.message}'],
  ['Stalled=True', 'Degraded', '{.message}'],
]

/** The groups all of whose kinds follow one rule. */
export const listedGroups: Readonly<Record<string, Assess>> = {
  'grafana-org-operator.kubitus-project.gitlab.io': grafanaOrganisation,
}

export const listedRules: Readonly<Record<string, Assess>> = {
  'addons.cluster.x-k8s.io/ClusterResourceSet': rule(
    ['Progressing', 'Initializing cluster resource set'],
    conditions(
      ['ResourcesApplied=True', 'Healthy', 'cluster resource set is applied'],
      ['ResourcesApplied=False', 'Degraded', '{.message}'],
    ),
  ),
  'astra.netapp.io/Application': rule(
    ['Progressing', 'No status available'],
    conditions(
      ['Ready=True', 'Healthy', 'Astra Application Ready, protectionState: {status.protectionState}'],
      ['Ready=False', 'Degraded', 'Astra Application Degraded, message: {.message}'],
    ),
  ),
  'cdi.kubevirt.io/DataVolume': rule(
    ['Progressing', '{status.phase|No status available}'],
    word('status.phase', { Succeeded: ['Healthy', 'Succeeded'], Paused: ['Suspended', 'Paused'] }),
    conditions(['Running=False:Error', 'Degraded', '{.message}']),
    word('status.phase', { Failed: ['Degraded', 'Failed'], Unknown: ['Degraded', 'Unknown'] }),
  ),
  'coralogix.com/Alert': coralogix,
  'coralogix.com/RecordingRuleGroupSet': coralogix,
  'datadoghq.com/DatadogMetric': assessDatadogMetric,
  'db.atlasgo.io/AtlasSchema': assessAtlasSchema,
  'db.atlasgo.io/AtlasMigration': rule(
    ['Progressing', 'Waiting for Atlas Operator'],
    conditions(
      ['Ready=True', 'Healthy', '{.reason}'],
      ['Ready=*:Reconciling', 'Progressing', '{.reason}'],
      ['Ready', 'Degraded', '{.reason}'],
    ),
  ),
  'kiali.io/Kiali': rule(
    ['Progressing', 'Waiting for Kiali'],
    conditions(
      ['Successful=True', 'Healthy', '{.message}'],
      ['Failure=True', 'Degraded', '{.message}'],
      ['Running=*:Running', 'Progressing', '{.message}'],
    ),
  ),
  'operator.openshift.io/IngressController': rule(
    ['Progressing', 'Status of IngressController is not known yet'],
    conditions(
      ['Degraded=True', 'Degraded', '{.message}'],
      ['DeploymentReplicasAllAvailable=False', 'Progressing', '{.message}'],
      ['Progressing=True', 'Progressing', '{.reason}'],
      ['Available=True', 'Healthy', 'IngressController is available'],
    ),
  ),
  'policy.open-cluster-management.io/OperatorPolicy': rule(
    ['Progressing', 'Waiting for the compliance condition'],
    when(lacks('status.conditions'), 'Progressing', 'Waiting for the status to be reported'),
    when([has('status.observedGeneration'), isUnobserved], 'Progressing', 'Waiting for the status to be updated'),
    conditions(['Compliant=True', 'Healthy', '{.message}'], ['Compliant', 'Degraded', '{.message}']),
  ),
  'ocs.openshift.io/StorageCluster': rule(
    ['Unknown', 'StorageCluster is in an unknown state.'],
    clausesInOrder(
      ['Degraded=True', 'Degraded', '{.message}'],
      ['Progressing=True', 'Progressing', '{.message}'],
      ['Available=True', 'Healthy', '{.message}'],
    ),
  ),
  'openfaas.com/Function': rule(
    ['Progressing', 'Waiting for Function'],
    choose(
      is('status.replicas', undefined, 0),
      conditions(...functionFailures, ['Ready=True', 'Suspended', 'No replicas available']),
      conditions(...functionFailures, ['Ready=True', 'Healthy', '{.message}']),
    ),
  ),
  'spot.io/SpotDeployment': rule(
    ['Healthy'],
    conditions(
      ['InvalidSpec', 'Degraded', '{.message}'],
      ['Progressing=*:RolloutAborted', 'Degraded', '{.message}'],
      ['Progressing=*:ProgressDeadlineExceeded', 'Degraded', '{.message}'],
      ['Paused=True', 'Suspended', 'Rollout is paused'],
    ),
    word('status.phase', { Progressing: ['Progressing', 'Waiting for rollout to finish steps'] }),
  ),
  'stacks.crossplane.io/ClusterStackInstall': assessStack,
  'projectcontour.io/ExtensionService': assessExtensionService,
}

/** The reason is told where there is one. */
function assessDatadogMetric(object: KubeObject): Health {
  const list = conditionsOf(object)
  const failed = list.find(({ type, status }) => type === 'Error' && status === 'True')
  if (failed !== undefined) {
    const message = textIn(failed, 'message') || 'DatadogMetric reported an error'
    const reason = textIn(failed, 'reason')
    return healthOf('Degraded', reason === '' ? message : `${reason}: ${message}`)
  }
  const invalid = list.find(({ type, status }) => type === 'Valid' && status === 'False')
  if (invalid !== undefined) return healthOf('Degraded', textIn(invalid, 'message') || 'DatadogMetric is not valid')
  return healthOf('Healthy', 'DatadogMetric is healthy')
}

/** Ready says with its message that it is still on its way. */
function assessAtlasSchema(object: KubeObject): Health {
  const ready = conditionsOf(object).find(({ type }) => type === 'Ready')
  if (ready === undefined) return healthOf('Progressing', 'Waiting for Atlas Operator')
  const reason = textIn(ready, 'reason')
  if (ready['status'] === 'True') return healthOf('Healthy', reason)
  const isOnItsWay = ['Reconciling', 'GettingDevDB'].includes(textIn(ready, 'message'))
  return healthOf(isOnItsWay ? 'Progressing' : 'Degraded', reason)
}

/** Its conditions stand one level deeper. */
function assessStack(object: KubeObject): Health {
  const list = objectsIn(objectAt(object, 'status', 'conditionedStatus'), 'conditions')
  const ready = list.filter(({ type }) => type === 'Ready')
  const done = ready.find(({ status }) => status === 'True')
  if (done !== undefined) return healthOf('Healthy', textIn(done, 'reason'))
  const last = ready.at(-1)
  return healthOf('Progressing', last === undefined ? 'Waiting for stack to be installed' : textIn(last, 'reason'))
}

/** A condition counts only where it speaks of the newest spec. */
function assessExtensionService(object: KubeObject): Health {
  const { generation } = object.metadata
  const valid = conditionsOf(object).find(
    ({ type, status, observedGeneration }) =>
      type === 'Valid' && (status === 'True' || status === 'False') && observedGeneration === generation,
  )
  if (valid === undefined) return healthOf('Progressing', 'Waiting for status')
  return healthOf(valid['status'] === 'True' ? 'Healthy' : 'Degraded', textIn(valid, 'message'))
}
