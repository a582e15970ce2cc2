// Kinds whose health is one of their conditions: which, and what each of its values means; texts are upstream's (argo-cd v3.5.1).
import type { HealthStatusCode } from '../../crds/application.ts'
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { objectAt, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'
import { assessGatewayClass } from './routes.ts'
import {
  clausesInOrder,
  conditions,
  conditionsOf,
  has,
  isUnobserved,
  rule,
  when,
  type Assess,
} from './rule-language.ts'

/** True is healthy and False is wrong, both with the condition's message; everything else is waited for. */
function ready(text: string, type = 'Ready', whenTrue = '{.message}'): Assess {
  return rule(
    ['Progressing', text],
    conditions([`${type}=True`, 'Healthy', whenTrue], [`${type}=False`, 'Degraded', '{.message}']),
  )
}

function rabbit(what: string): readonly [key: string, rule: Assess] {
  const lower = what.toLowerCase()
  const assess = rule(
    ['Unknown', `RabbitMQ ${lower} status is unknown`],
    conditions(
      ['Ready=True:SuccessfulCreateOrUpdate', 'Healthy', `RabbitMQ ${lower} ready`],
      ['Ready=False:FailedCreateOrUpdate', 'Degraded', `RabbitMQ ${lower} failed to be created or updated`],
    ),
  )
  return [`rabbitmq.com/${what}`, assess]
}

const RABBIT_KINDS = ['Binding', 'Exchange', 'Permission', 'Policy', 'Queue', 'Shovel', 'User', 'Vhost']

/** Strimzi: `Ready` or `NotReady`, whichever stands there. */
function strimzi(text: string): Assess {
  return rule(['Progressing', text], conditions(['NotReady=True', 'Degraded', '{.message}'], ['Ready=True', 'Healthy']))
}

/** A cluster that is being created is not ready, which is no fault. */
const assessKafka: Assess = rule(['Progressing', 'Waiting for Kafka Cluster'], (object) => {
  for (const condition of conditionsOf(object)) {
    if (condition['status'] !== 'True') continue
    if (condition['type'] === 'Ready') return healthOf('Healthy')
    if (condition['type'] !== 'NotReady' || condition['reason'] === 'Creating') continue
    return healthOf('Degraded', textIn(condition, 'message'))
  }
  return undefined
})

/** MariaDB's operator: until Ready is there, the last condition tells how far it is. */
const mariaDbPart: Assess = rule(
  ['Progressing', 'No status info available'],
  conditions(['Ready=True', 'Healthy', '{.message}'], ['Ready', 'Degraded', '{.message}']),
  (object) => {
    const last = conditionsOf(object).at(-1)
    return last === undefined ? undefined : healthOf('Progressing', textIn(last, 'message'))
  },
)

/** The last of the list, which the operator appends to. */
function assessClusterExternalSecret(object: KubeObject): Health {
  const last = conditionsOf(object).at(-1) ?? {}
  const status = last['status'] === 'True' ? EXTERNAL_SECRET_STATES[textIn(last, 'type')] : undefined
  if (status === undefined) return healthOf('Progressing', 'Waiting for ClusterExternalSecret')
  return healthOf(status, textIn(last, 'message'))
}

const EXTERNAL_SECRET_STATES: Readonly<Record<string, HealthStatusCode>> = {
  Ready: 'Healthy',
  PartiallyReady: 'Degraded',
  NotReady: 'Degraded',
}

/** A condition without a message tells its reason. */
function assessEventBus(object: KubeObject): Health {
  const told = conditionsOf(object).find(
    ({ type, status }) => type === 'Deployed' && (status === 'True' || status === 'False'),
  )
  if (told === undefined) return healthOf('Progressing', 'Waiting for initialization')
  const text = typeof told['message'] === 'string' ? told['message'] : textIn(told, 'reason')
  return healthOf(told['status'] === 'True' ? 'Healthy' : 'Degraded', text)
}

/** KEDA: a failure outweighs all; a pause counts only for what is ready. The message is the last one that spoke. */
function keda(waiting: string, isFailure: (condition: JsonObject) => boolean): Assess {
  return (object) => {
    const list = conditionsOf(object)
    const isReady = (condition: JsonObject): boolean => condition['type'] === 'Ready' && condition['status'] === 'True'
    const isPause = (condition: JsonObject): boolean => condition['type'] === 'Paused' && condition['status'] === 'True'
    const told = list.findLast((condition) => isReady(condition) || isPause(condition) || isFailure(condition))
    const text = textIn(told ?? {}, 'message')
    if (list.some(isFailure)) return healthOf('Degraded', text)
    if (!list.some(isReady)) return healthOf('Progressing', waiting)
    return healthOf(list.some(isPause) ? 'Suspended' : 'Healthy', text)
  }
}

/** A time that is absent stands last; of two equal ones the earlier in the list goes first. */
function assessKeycloak(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  if (!Array.isArray(status['conditions'])) {
    return healthOf('Progressing', 'Waiting for Keycloak status conditions to exist')
  }
  const timeOf = (condition: JsonObject): string => textIn(condition, 'lastTransitionTime') || '~'
  const sorted = conditionsOf(object).toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : Number(timeOf(a) > timeOf(b))))
  for (const condition of sorted) {
    if (condition['status'] !== 'True') continue
    if (condition['type'] === 'Ready') return healthOf('Healthy')
    if (condition['type'] === 'HasErrors') return healthOf('Degraded', `Has Errors: ${textIn(condition, 'message')}`)
  }
  return healthOf('Progressing')
}

const nodeClaimStages: Assess = clausesInOrder(
  ['Initialized=True', 'Progressing', 'Node initialized, waiting for Ready'],
  ['Registered=True', 'Progressing', 'Node registered, waiting for initialization'],
  ['Launched=True', 'Progressing', 'Node launched, waiting for registration'],
)

export const conditionRules: Readonly<Record<string, Assess>> = {
  ...Object.fromEntries(RABBIT_KINDS.map(rabbit)),
  'argoproj.io/EventBus': assessEventBus,
  'bitnami.com/SealedSecret': ready('Waiting for Sealed Secret to be decrypted', 'Synced'),
  'camel.apache.org/Integration': ready('Waiting for Integration'),
  'cert-manager.io/Certificate': rule(
    ['Progressing', 'Waiting for certificate'],
    clausesInOrder(['Issuing=True', 'Progressing', '{.message}']),
    conditions(['Ready=False', 'Degraded', '{.message}'], ['Ready=True', 'Healthy', '{.message}']),
  ),
  'cert-manager.io/ClusterIssuer': ready('Initializing ClusterIssuer'),
  'cert-manager.io/Issuer': ready('Initializing issuer'),
  'certmanager.k8s.io/Certificate': ready('Waiting for certificate'),
  'certmanager.k8s.io/Issuer': ready('Initializing issuer'),
  'external-secrets.io/ClusterExternalSecret': assessClusterExternalSecret,
  'external-secrets.io/ClusterSecretStore': ready('Waiting for ClusterSecretStore'),
  'external-secrets.io/ExternalSecret': ready('Waiting for ExternalSecret'),
  'external-secrets.io/PushSecret': ready('Waiting for PushSecret'),
  'external-secrets.io/SecretStore': ready('Waiting for SecretStore'),
  'gateway.networking.k8s.io/GatewayClass': assessGatewayClass,
  'k8s.keycloak.org/Keycloak': assessKeycloak,
  'k8s.mariadb.com/Database': mariaDbPart,
  'k8s.mariadb.com/Grant': mariaDbPart,
  'k8s.mariadb.com/User': mariaDbPart,
  'kafka.strimzi.io/Kafka': assessKafka,
  'kafka.strimzi.io/KafkaBridge': strimzi('Waiting for KafkaBridge'),
  'kafka.strimzi.io/KafkaConnect': strimzi('Waiting for Kafka Connect'),
  'kafka.strimzi.io/KafkaConnector': strimzi('Waiting for KafkaConnector'),
  'kafka.strimzi.io/KafkaTopic': strimzi('Waiting for Kafka Topic'),
  'kafka.strimzi.io/KafkaUser': strimzi('Waiting for Kafka User'),
  'karpenter.k8s.aws/EC2NodeClass': ready('Waiting for EC2NodeClass to be ready', 'Ready', 'EC2NodeClass is ready'),
  'karpenter.sh/NodeClaim': rule(
    ['Progressing', 'Waiting for NodeClaim to be launched'],
    when(
      [has('metadata.generation'), has('status.observedGeneration'), isUnobserved],
      'Progressing',
      'Waiting for NodeClaim spec to be reconciled',
    ),
    conditions(['Disrupting=True', 'Suspended', '{.message}']),
    conditions(['Ready=True', 'Healthy', '{.message}'], ['Ready=False', 'Degraded', '{.message}']),
    nodeClaimStages,
  ),
  'karpenter.sh/NodePool': ready('Waiting for NodePool to be ready'),
  'keda.sh/ScaledJob': keda(
    'Waiting for ScaledJob',
    ({ type, status }) => type === 'Ready' && (status === 'False' || status === 'Unknown'),
  ),
  'keda.sh/ScaledObject': keda(
    'Creating HorizontalPodAutoscaler Object',
    ({ type, status }) => (type === 'Ready' && status === 'False') || (type === 'Fallback' && status === 'True'),
  ),
  'onepassword.com/OnePasswordItem': ready('Waiting for controller to report status'),
  'pulumi.com/Stack': rule(
    ['Progressing', 'Waiting for the stack to be reconciled'],
    when(isUnobserved, 'Progressing', 'Waiting for the operator to observe the latest spec change'),
    conditions(
      ['Stalled=True', 'Degraded', '{.message}'],
      ['Reconciling=True', 'Progressing', '{.message}'],
      ['Ready=True', 'Healthy', '{.message}'],
    ),
  ),
}

/** Groups all of whose kinds follow one rule. */
export const conditionGroups: readonly (readonly [isGroup: (group: string) => boolean, rule: Assess])[] = [
  [
    (group) => group.endsWith('.services.k8s.aws'),
    rule(
      ['Progressing', 'Waiting for resource to be ready'],
      conditions(
        ['ACK.Terminal=True', 'Degraded', '{.message}'],
        ['Ready=False', 'Progressing', '{.message}'],
        ['Ready=True', 'Healthy'],
      ),
    ),
  ],
]
