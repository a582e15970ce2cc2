// Kinds whose health is one of their conditions: which, and what each of its values means.
import type { HealthStatusCode } from '../../crds/application.ts'
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { conditionOf, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'

/** `$message` and `$reason` are those of the condition; other text stands for itself. */
type Verdict = readonly [status: HealthStatusCode, text: string]

interface ConditionRule {
  /** Default `Ready`. */
  readonly type?: string
  /** Default Healthy with the condition's message. */
  readonly onTrue?: Verdict
  /** Default Degraded with the condition's message. */
  readonly onFalse?: Verdict
  /** The condition has another value; default `otherwise`. */
  readonly onUnknown?: Verdict
  /** There is no such condition. */
  readonly otherwise: Verdict
}

function waiting(text: string, more: Omit<ConditionRule, 'otherwise'> = {}): ConditionRule {
  return { ...more, otherwise: ['Progressing', text] }
}

/** Flux says the reason, not the message. */
function flux(text: string): ConditionRule {
  return waiting(text, {
    onTrue: ['Healthy', '$reason'],
    onFalse: ['Degraded', '$reason'],
    onUnknown: ['Progressing', '$reason'],
  })
}

function rabbit(what: string): ConditionRule {
  return {
    onTrue: ['Healthy', `RabbitMQ ${what} ready`],
    onFalse: ['Degraded', `RabbitMQ ${what} failed to be created or updated`],
    otherwise: ['Unknown', `RabbitMQ ${what} status is unknown`],
  }
}

/** By group and kind; texts are upstream's (argo-cd v3.5.1 `resource_customizations`). */
const rules: Readonly<Record<string, ConditionRule>> = {
  'argoproj.io/EventBus': waiting('Waiting for EventBus', { type: 'Deployed' }),
  'bitnami.com/SealedSecret': waiting('Waiting for Sealed Secret to be decrypted', { type: 'Synced' }),
  'camel.apache.org/Integration': waiting('Waiting for Integration', { onTrue: ['Healthy', ''] }),
  'cert-manager.io/ClusterIssuer': waiting('Initializing ClusterIssuer'),
  'cert-manager.io/Issuer': waiting('Initializing issuer'),
  'certmanager.k8s.io/Certificate': waiting('Waiting for certificate'),
  'certmanager.k8s.io/Issuer': waiting('Initializing issuer'),
  'external-secrets.io/ClusterSecretStore': waiting('Waiting for ClusterSecretStore'),
  'external-secrets.io/ExternalSecret': waiting('Waiting for ExternalSecret'),
  'external-secrets.io/PushSecret': waiting('Waiting for PushSecret'),
  'external-secrets.io/SecretStore': waiting('Waiting for SecretStore'),
  'helm.toolkit.fluxcd.io/HelmRelease': flux('Waiting for HelmRelease'),
  'image.toolkit.fluxcd.io/ImagePolicy': flux('Waiting for ImagePolicy'),
  'image.toolkit.fluxcd.io/ImageRepository': flux('Waiting for ImageRepository'),
  'image.toolkit.fluxcd.io/ImageUpdateAutomation': flux('Waiting for ImageUpdateAutomation'),
  'k8s.mariadb.com/Grant': waiting('Waiting for Grant'),
  'k8s.mariadb.com/User': waiting('Waiting for User'),
  'kafka.strimzi.io/KafkaTopic': waiting('Waiting for Kafka Topic', { onTrue: ['Healthy', ''] }),
  'kafka.strimzi.io/KafkaUser': waiting('Waiting for Kafka User', { onTrue: ['Healthy', ''] }),
  'karpenter.k8s.aws/EC2NodeClass': waiting('Waiting for EC2NodeClass'),
  'keda.sh/ScaledJob': waiting('Creating ScaledJob', { onUnknown: ['Degraded', '$message'] }),
  'kustomize.toolkit.fluxcd.io/Kustomization': flux('Waiting for Kustomization'),
  'kyverno.io/Policy': waiting('Waiting for Policy to be ready', { onTrue: ['Healthy', 'Policy is ready'] }),
  'notification.toolkit.fluxcd.io/Receiver': flux('Waiting for Receiver'),
  'onepassword.com/OnePasswordItem': waiting('Waiting for controller to report status', { onTrue: ['Healthy', ''] }),
  'rabbitmq.com/Binding': rabbit('binding'),
  'rabbitmq.com/Exchange': rabbit('exchange'),
  'rabbitmq.com/Permission': rabbit('permission'),
  'rabbitmq.com/Policy': rabbit('policy'),
  'rabbitmq.com/Queue': rabbit('queue'),
  'rabbitmq.com/User': rabbit('user'),
  'rabbitmq.com/Vhost': rabbit('vhost'),
  'source.toolkit.fluxcd.io/Bucket': flux('Waiting for Bucket'),
  'source.toolkit.fluxcd.io/GitRepository': flux('Waiting for GitRepository'),
  'source.toolkit.fluxcd.io/HelmChart': flux('Waiting for HelmChart'),
  'source.toolkit.fluxcd.io/OCIRepository': flux('Waiting for OCIRepository'),
}

/** The health by the kind's condition, or undefined for a kind without such a rule. */
export function assessByCondition(object: KubeObject, key: string): Health | undefined {
  const rule = Object.hasOwn(rules, key) ? rules[key] : undefined
  return rule === undefined ? undefined : applyRule(object, rule)
}

/** Judges by one rule: for kinds that look at more before. */
function applyRule(object: KubeObject, rule: ConditionRule): Health {
  const condition = conditionOf(object, rule.type ?? 'Ready')
  if (condition === undefined) return judge(rule.otherwise)
  switch (condition['status']) {
    case 'True':
      return judge(rule.onTrue ?? ['Healthy', '$message'], condition)
    case 'False':
      return judge(rule.onFalse ?? ['Degraded', '$message'], condition)
    default:
      return judge(rule.onUnknown ?? rule.otherwise, condition)
  }
}

function judge([status, text]: Verdict, condition: JsonObject = {}): Health {
  if (text === '$message') return healthOf(status, textIn(condition, 'message'))
  return healthOf(status, text === '$reason' ? textIn(condition, 'reason') : text)
}
