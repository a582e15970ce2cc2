// Families of kinds that say how they are in one word of their status; texts are upstream's (argo-cd v3.5.1).
import type { KubeObject } from '../../kube/object.ts'
import { objectAt, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'
import { lacks, rule, when, word, type Assess, type Verdict } from './rule-language.ts'

const HUMIO_KINDS = ['Action', 'Alert', 'IngestToken', 'Parser', 'Repository', 'View']

const humio: Assess = rule(
  ['Progressing', 'Update in progress'],
  word('status.state', {
    Exists: ['Healthy', 'Component state: Exists.'],
    NotFound: ['Missing', 'Component state: NotFound.'],
    ConfigError: ['Degraded', 'Component state: ConfigError.'],
    Unknown: ['Unknown', 'Component state: Unknown.'],
  }),
)

const humioCluster: Assess = rule(
  ['Progressing', 'Update in progress'],
  word('status.state', {
    Running: ['Healthy', '{status.message|Cluster is in a healthy running state}'],
    Restarting: ['Progressing', '{status.message|Cluster pods are being restarted}'],
    Upgrading: ['Progressing', '{status.message|Cluster pods are being upgraded}'],
    ConfigError: ['Degraded', '{status.message|User-provided cluster specification resulted in a configuration error}'],
    Pending: ['Progressing', '{status.message|Cluster is waiting on resources to be provisioned}'],
    Unknown: ['Unknown', '{status.message|Component state: Unknown.}'],
  }),
)

const KEPTN_KINDS = [
  ['KeptnAppVersion', 'status.status'],
  ['KeptnEvaluation', 'status.overallStatus'],
  ['KeptnTask', 'status.status'],
  ['KeptnWorkloadInstance', 'status.status'],
  ['KeptnWorkloadVersion', 'status.status'],
] as const

function keptn(kind: string, path: string): Assess {
  return rule(
    ['Progressing', `${kind} is progressing`],
    word(path, { Succeeded: ['Healthy', `${kind} is healthy`], Failed: ['Degraded', `${kind} is degraded`] }),
  )
}

const MINIO_FAILURES = [
  'Statefulset not controlled by operator',
  'Another MinIO Tenant already exists in the namespace',
  'Tenant credentials are not set properly',
  'Different versions across MinIO Pools',
  'Pool Decommissioning Not Allowed',
]
const minioFailure: Verdict = ['Degraded', '{status.currentState}']

/** Istio's operator writes words; its older versions numbers, in this order. */
const ISTIO_STATES: readonly (readonly [name: string, ...Verdict])[] = [
  ['NONE', 'Unknown', 'Component is not present.'],
  ['UPDATING', 'Progressing', 'Component is being updated to a different version.'],
  ['RECONCILING', 'Progressing', 'Controller has started but not yet completed reconciliation loop for the component.'],
  ['HEALTHY', 'Healthy', 'Component is healthy.'],
  ['ERROR', 'Degraded', 'Component is in an error state.'],
]

function assessIstio(object: KubeObject): Health {
  const { status: state } = objectAt(object, 'status')
  const known = typeof state === 'number' ? ISTIO_STATES[state] : ISTIO_STATES.find(([name]) => name === state)
  if (known === undefined) return healthOf('Progressing', 'Waiting for Istio Control Plane')
  return healthOf(known[1], known[2])
}

export const phaseRules: Readonly<Record<string, Assess>> = {
  ...Object.fromEntries(HUMIO_KINDS.map((kind) => [`core.humio.com/Humio${kind}`, humio])),
  ...Object.fromEntries(KEPTN_KINDS.map(([kind, path]) => [`lifecycle.keptn.sh/${kind}`, keptn(kind, path)])),
  'core.humio.com/HumioCluster': humioCluster,
  'install.istio.io/IstioOperator': assessIstio,
  'logstash.k8s.elastic.co/Logstash': rule(
    ['Progressing', 'Waiting for Logstash'],
    word('status.health', {
      green: ['Healthy', 'Logstash status is Green'],
      yellow: ['Progressing', 'Logstash status is Yellow'],
      red: ['Degraded', 'Logstash status is Red'],
    }),
  ),
  'minio.min.io/Tenant': rule(
    ['Progressing', '{status.currentState}'],
    when(lacks('status.currentState'), 'Progressing', 'No status info available'),
    word('status.currentState', {
      Initialized: ['Healthy', 'Initialized'],
      ...Object.fromEntries(MINIO_FAILURES.map((state) => [state, minioFailure])),
    }),
  ),
}

const GLOO_STATES = ['Pending', 'Accepted', 'Rejected', 'Warning']

/** Kinds of gateway.solo.io and gloo.solo.io: the first reporter that has a state decides; older ones are numbers. */
export function assessGloo(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const reports = [...Object.values(objectAt(status, 'statuses')).map((report) => objectAt(report)), status]
  for (const report of reports) {
    const { state } = report
    const word = typeof state === 'number' ? GLOO_STATES[state] : state
    if (word === 'Rejected' || word === 'Warning') return healthOf('Degraded', textIn(report, 'reason'))
    if (word === 'Pending') return healthOf('Suspended', 'The resource has not yet been validated')
    if (word === 'Accepted') return healthOf('Healthy', 'The resource has been validated')
  }
  return healthOf('Progressing', 'Update in progress')
}
