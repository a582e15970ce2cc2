// Kinds that say how they are in one word of their status: where it stands, and what each word means.
import type { HealthStatusCode } from '../../crds/application.ts'
import type { KubeObject } from '../../kube/object.ts'
import { objectAt, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'

/** `$value` is the word itself; `$<field>` a text field beside it. */
type Verdict = readonly [status: HealthStatusCode, text: string]

interface PhaseRule {
  /** Keys from `status` down to the word. */
  readonly path: readonly string[]
  readonly values: Readonly<Record<string, Verdict>>
  /** There is no word. */
  readonly absent: Verdict
  /** The word is none of the values. */
  readonly other: Verdict
}

const BUG_REPORT =
  'Ensure your ArgoCD is current and then check for/file a bug report: https://github.com/argoproj/argo-cd/issues'

const humio: PhaseRule = {
  path: ['state'],
  values: {
    Exists: ['Healthy', 'Component state: Exists.'],
    NotFound: ['Missing', 'Component state: NotFound.'],
    ConfigError: ['Degraded', 'Component state: ConfigError.'],
    Unknown: ['Unknown', 'Component state: Unknown.'],
  },
  absent: ['Progressing', 'Update in progress'],
  other: ['Progressing', 'Update in progress'],
}

const HUMIO_KINDS = ['Action', 'Alert', 'IngestToken', 'Parser', 'Repository', 'View']

function keptn(kind: string, field: string): PhaseRule {
  return {
    path: [field],
    values: { Succeeded: ['Healthy', `${kind} is healthy`], Failed: ['Degraded', `${kind} is degraded`] },
    absent: ['Progressing', `${kind} is progressing`],
    other: ['Progressing', `${kind} is progressing`],
  }
}

const KEPTN_KINDS = [
  ['KeptnAppVersion', 'status'],
  ['KeptnEvaluation', 'overallStatus'],
  ['KeptnTask', 'status'],
  ['KeptnWorkloadInstance', 'status'],
  ['KeptnWorkloadVersion', 'status'],
] as const

/** By group and kind; texts are upstream's (argo-cd v3.5.1 `resource_customizations`). */
const rules: Readonly<Record<string, PhaseRule>> = {
  ...Object.fromEntries(HUMIO_KINDS.map((kind) => [`core.humio.com/Humio${kind}`, humio])),
  ...Object.fromEntries(KEPTN_KINDS.map(([kind, field]) => [`lifecycle.keptn.sh/${kind}`, keptn(kind, field)])),
  'core.humio.com/HumioCluster': {
    ...humio,
    values: {
      ...humio.values,
      Running: ['Healthy', 'Cluster is in a healthy running state'],
      Pending: ['Progressing', 'Cluster is waiting on resources to be provisioned'],
      Restarting: ['Progressing', 'Cluster pods are being restarted'],
      Upgrading: ['Progressing', 'Cluster pods are being upgraded'],
    },
  },
  'minio.min.io/Tenant': {
    path: ['currentState'],
    values: {
      Initialized: ['Healthy', '$value'],
      'Another MinIO Tenant already exists in the namespace': ['Degraded', '$value'],
      'Tenant credentials are not set properly': ['Degraded', '$value'],
      'Different versions across MinIO Pools': ['Degraded', '$value'],
      'Pool Decommissioning Not Allowed': ['Degraded', '$value'],
      'Provided ingress url is invalid': ['Degraded', '$value'],
    },
    absent: ['Progressing', 'No status info available'],
    other: ['Progressing', '$value'],
  },
  'logstash.k8s.elastic.co/Logstash': {
    path: ['health'],
    values: {
      green: ['Healthy', 'Logstash status is Green'],
      yellow: ['Progressing', 'Logstash status is Yellow'],
      red: ['Degraded', 'Logstash status is Red'],
    },
    absent: ['Progressing', 'Waiting for Logstash'],
    other: ['Progressing', 'Waiting for Logstash'],
  },
  'install.istio.io/IstioOperator': {
    path: ['status'],
    values: {
      HEALTHY: ['Healthy', 'Component is healthy.'],
      ERROR: ['Degraded', 'Component is in an error state.'],
      RECONCILING: [
        'Progressing',
        'Controller has started but not yet completed reconciliation loop for the component.',
      ],
      UPDATING: ['Progressing', 'Component is being updated to a different version.'],
    },
    absent: ['Progressing', 'Waiting for IstioOperator'],
    other: ['Unknown', `Component status is unknown. ${BUG_REPORT}`],
  },
}

/** The health by the kind's word, or undefined for a kind without such a rule. */
export function assessByPhase(object: KubeObject, key: string): Health | undefined {
  const rule = Object.hasOwn(rules, key) ? rules[key] : undefined
  if (rule === undefined) return undefined
  const place = objectAt(object, 'status', ...rule.path.slice(0, -1))
  const value = textIn(place, rule.path.at(-1) ?? '')
  const known = Object.hasOwn(rule.values, value) ? rule.values[value] : undefined
  const [status, text] = value === '' ? rule.absent : (known ?? rule.other)
  return healthOf(status, text === '$value' ? value : text)
}

const GLOO_STATES = ['Pending', 'Accepted', 'Rejected', 'Warning']

/** Kinds of gateway.solo.io and gloo.solo.io: each reporter has a state of its own, and the worst counts; older ones are numbers. */
export function assessGloo(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const reports = [status, ...Object.values(objectAt(status, 'statuses')).map((report) => objectAt(report))]
  const states = reports.map((report) => ({ report, state: stateOf(report['state']) }))
  const refused = states.find(({ state }) => state === 'Rejected' || state === 'Warning')
  if (refused !== undefined) return healthOf('Degraded', textIn(refused.report, 'reason'))
  if (states.some(({ state }) => state === 'Pending')) {
    return healthOf('Suspended', 'The resource has not yet been validated')
  }
  if (states.some(({ state }) => state === 'Accepted')) return healthOf('Healthy', 'The resource has been validated')
  return healthOf('Progressing', 'Update in progress')
}

function stateOf(state: unknown): unknown {
  return typeof state === 'number' ? GLOO_STATES[state] : state
}
