// Kinds that say how they are in one or two words of their status; texts are upstream's (argo-cd v3.5.1 `resource_customizations`).
import {
  has,
  is,
  lacks,
  rule,
  same,
  valueAt,
  when,
  word,
  type Assess,
  type Path,
  type Test,
  type Verdict,
} from './rule-language.ts'

const BUG_REPORT =
  'Ensure your ArgoCD is current and then check for/file a bug report: https://github.com/argoproj/argo-cd/issues'
const NOTHING_YET: Verdict = ['Progressing', 'No status available']

/** NetApp's runs: what is neither completed nor running is wrong. */
const astraRun: Assess = rule(
  ['Degraded', '{status.state}'],
  when(lacks('status.state'), ...NOTHING_YET),
  word('status.state', { Completed: ['Healthy', '{kind} Completed'], Running: ['Progressing', '{kind} Running'] }),
)

const ASTRA_RUNS = ['Backup', 'ExecHooksRun', 'ResourceBackup', 'ResticVolumeBackup', 'Snapshot']
const CONFLUENT_KINDS = ['Connect', 'ControlCenter', 'Kafka', 'KsqlDB', 'SchemaRegistry', 'Zookeeper']

const confluent: Assess = rule(
  ['Progressing', 'Waiting for {kind}'],
  word('status.phase', {
    RUNNING: ['Healthy', '{kind} running'],
    PROVISIONING: ['Progressing', '{kind} provisioning'],
  }),
)

function clickHouse(name: string): Assess {
  return rule(
    ['Degraded', `${name} status: {status.status}`],
    when(lacks('status.status'), 'Progressing', `${name} status not yet available`),
    word('status.status', {
      Completed: ['Healthy', `${name} installation completed successfully`],
      InProgress: ['Progressing', `${name} installation in progress`],
    }),
  )
}

/** The same verdict for several words. */
function each(names: readonly string[], ...verdict: Verdict): Record<string, Verdict> {
  return Object.fromEntries(names.map((name) => [name, verdict]))
}

const CNPG_PHASE_REASON = '{status.phaseReason}'
const cnpgPhases: Readonly<Record<string, Verdict>> = {
  'Cluster in healthy state': ['Healthy', CNPG_PHASE_REASON],
  ...each(
    [
      'Setting up primary',
      'Creating a new replica',
      'Upgrading cluster',
      'Waiting for the instances to become active',
      'Promoting to primary cluster',
    ],
    'Progressing',
    CNPG_PHASE_REASON,
  ),
  ...each(
    [
      'Switchover in progress',
      'Failing over',
      'Upgrading Postgres major version',
      'Cluster upgrade delayed',
      'Waiting for user action',
      'Primary instance is being restarted in-place',
      'Primary instance is being restarted without a switchover',
      'Cluster cannot execute instance online upgrade due to missing architecture binary',
      'Online upgrade in progress',
      'Applying configuration',
    ],
    'Degraded',
    CNPG_PHASE_REASON,
  ),
  ...each(
    [
      'Unable to create required cluster objects',
      'Cluster cannot proceed to reconciliation due to an unknown plugin being required',
      'Cluster has incomplete or invalid image catalog',
      'Cluster is unrecoverable and needs manual intervention',
    ],
    'Suspended',
    CNPG_PHASE_REASON,
  ),
}

/** The rest of CloudNativePG's rule, once neither a pause nor hibernation speaks. */
export const assessCnpgPhase: Assess = rule(
  ['Unknown', CNPG_PHASE_REASON],
  when(lacks('status.conditions'), 'Progressing', CNPG_PHASE_REASON),
  word('status.phase', cnpgPhases),
)

const ES_HINT = 'Check the status of indices, replicas and shards'

/** Elasticsearch once all nodes are there; how many is counted before. */
export const assessElasticPhase: Assess = rule(
  ['Unknown', `Elasticsearch Cluster status is unknown. ${BUG_REPORT}`],
  when(lacks('status.health'), 'Unknown', `Elasticsearch Cluster status is unknown. ${BUG_REPORT}`),
  when([is('status.phase', 'Ready'), is('status.health', 'green')], 'Healthy', 'Elasticsearch Cluster status is Green'),
  when(
    [is('status.phase', 'Ready'), is('status.health', 'yellow')],
    'Progressing',
    `Elasticsearch Cluster status is Yellow. ${ES_HINT}`,
  ),
  when(
    [is('status.phase', 'Ready'), is('status.health', 'red')],
    'Degraded',
    `Elasticsearch Cluster status is Red. ${ES_HINT}`,
  ),
  word('status.phase', {
    ApplyingChanges: ['Progressing', 'Elasticsearch phase is ApplyingChanges'],
    MigratingData: ['Progressing', 'Elasticsearch phase is MigratingData'],
    Invalid: ['Degraded', 'Elasticsearch phase is Invalid'],
  }),
)

const JOB_TEXT = '{status.ansibleJobResult.status} job - {status.ansibleJobResult.url}'
const GARDENER_STATUS: Path = ['metadata', 'labels', 'shoot.gardener.cloud/status']
const SPARK_ERROR: Verdict = ['Degraded', '{status.applicationState.errorMessage}']

/** Spark, where it does not run: a running one's executors are counted before. */
export const assessSparkState: Assess = rule(
  ['Progressing', 'Waiting for Executor pods'],
  word('status.applicationState.state', {
    '': ['Progressing', 'SparkApplication was added, enqueuing it for submission'],
    SUBMITTED: ['Progressing', 'SparkApplication was submitted successfully'],
    COMPLETED: ['Healthy', 'SparkApplication was Completed'],
    FAILED: SPARK_ERROR,
    SUBMISSION_FAILED: SPARK_ERROR,
    FAILING: SPARK_ERROR,
    PENDING_RERUN: ['Progressing', 'SparkApplication is Pending Rerun'],
    INVALIDATING: ['Missing', 'SparkApplication is in InvalidatingState'],
    SUCCEEDING: [
      'Progressing',
      'The driver pod has been completed successfully. The executor pods terminate and are cleaned up.\n' +
        `${' '.repeat(32)}Under this circumstances, we assume the executor pod are completed.`,
    ],
    UNKNOWN: [
      'Progressing',
      'SparkApplication is in UnknownState because either driver pod or one or all executor pods in unknown state  ',
    ],
  }),
)

const IAM_ROLE = "role '{status.roleName|<none>}' with ARN '{status.roleARN|<none>}' and ID '{status.roleID|<none>}'."

export const wordRules: Readonly<Record<string, Assess>> = {
  ...Object.fromEntries(ASTRA_RUNS.map((kind) => [`astra.netapp.io/${kind}`, astraRun])),
  ...Object.fromEntries(CONFLUENT_KINDS.map((kind) => [`platform.confluent.io/${kind}`, confluent])),
  'astra.netapp.io/AppVault': rule(
    NOTHING_YET,
    word('status.state', {
      ...each(['available', 'Available'], 'Healthy', '{kind} Available'),
      ...each(['failed', 'Failed'], 'Degraded', '{kind} Failed'),
    }),
  ),
  'astra.netapp.io/ExecHook': rule(
    NOTHING_YET,
    when(is('spec.enabled', true), 'Healthy', '{kind} enabled'),
    when(is('spec.enabled', false), 'Suspended', '{kind} disabled'),
  ),
  'astra.netapp.io/Schedule': rule(
    ['Healthy', 'Protection policy not yet executed'],
    when(has('status.lastScheduleTime'), 'Healthy', 'Protection policy lastScheduleTime: {status.lastScheduleTime}'),
  ),
  'beat.k8s.elastic.co/Beat': rule(
    ['Unknown', `Elastic Beat status is unknown. ${BUG_REPORT}`],
    word('status.health', {
      red: ['Degraded', 'Elastic Beat status is Red'],
      green: ['Healthy', 'Elastic Beat status is Green'],
    }),
    when(
      [is('status.health', 'yellow'), has('status.availableNodes'), has('status.expectedNodes')],
      'Progressing',
      'Elastic Beat status is deploying, there is {status.availableNodes} instance(s) on {status.expectedNodes} expected',
    ),
    when(is('status.health', 'yellow'), 'Progressing', 'Elastic Beat phase is progressing'),
    when([lacks('status.health'), has('status.expectedNodes')], 'Progressing', 'Elastic Beat phase is progressing'),
  ),
  'clickhouse-keeper.altinity.com/ClickHouseKeeperInstallation': clickHouse('ClickHouseKeeper'),
  'clickhouse.altinity.com/ClickHouseInstallation': clickHouse('ClickHouse'),
  'core.gardener.cloud/Shoot': rule(
    ['Progressing', 'Update in progress'],
    word(GARDENER_STATUS, {
      healthy: ['Healthy', 'Component state: Healthy'],
      progressing: ['Progressing', 'Component state: Update in progress'],
      unhealthy: ['Degraded', 'Component state: Unhealthy'],
      unknown: ['Unknown', 'Component state: Unknown'],
    }),
  ),
  'flink.apache.org/FlinkDeployment': rule(
    ['Progressing', 'Waiting for Flink operator'],
    when(lacks('status.reconciliationStatus'), 'Progressing', 'Waiting for Flink operator'),
    when(is('status.reconciliationStatus.success', true), 'Healthy'),
    when(is('status.reconciliationStatus.state', 'DEPLOYED'), 'Healthy'),
    word('status.jobManagerDeploymentStatus', {
      ...each(['DEPLOYED_NOT_READY', 'DEPLOYING'], 'Progressing', 'Waiting for deploying'),
      ERROR: ['Degraded', '{status.reconciliationStatus.error}'],
    }),
  ),
  'grafana.integreatly.org/Grafana': rule(
    ['Progressing', '{status.stage}'],
    when(lacks('status.stageStatus'), 'Progressing', 'Waiting for Grafana status info'),
    when(is('status.stageStatus', 'failed'), 'Degraded', 'Failed at stage {status.stage}'),
    when([is('status.stage', 'complete'), is('status.stageStatus', 'success')], 'Healthy'),
  ),
  'grafana.integreatly.org/GrafanaDatasource': rule(
    ['Healthy'],
    when(lacks('status'), 'Progressing'),
    when(is('status.uid', ''), 'Progressing'),
    when(is('status.NoMatchingInstances', true), 'Degraded', "can't find matching grafana instance"),
  ),
  'iammanager.keikoproj.io/Iamrole': rule(
    ['Progressing', 'Waiting for Iamrole to be reconciled'],
    word('status.state', {
      Ready: [
        'Healthy',
        "Role '{status.roleName|<none>}' exists with ARN '{status.roleARN|<none>}' and ID '{status.roleID|<none>}'.",
      ],
    }),
    iamRoleFailure(),
  ),
  'jaegertracing.io/Jaeger': rule(
    ['Progressing', 'Waiting for Jaeger'],
    word('status.phase', {
      Running: ['Healthy', 'Jaeger is Running'],
      Failed: ['Degraded', 'Jaeger Failed For Some Reason'],
    }),
  ),
  'metrics.keptn.sh/Analysis': rule(
    ['Progressing', 'Analysis is progressing'],
    when(is('status.pass', true), 'Healthy', 'Analysis is healthy'),
    when(is('status.warning', true), 'Healthy', 'Analysis is healthy with warnings'),
    when(is('status.pass', false), 'Degraded', 'Analysis is degraded'),
  ),
  'metrics.keptn.sh/KeptnMetric': rule(
    ['Degraded', 'KeptnMetric is degraded'],
    when([is('status.errMsg', undefined, ''), has('status.value')], 'Healthy', 'KeptnMetric is healthy'),
    when(is('status.errMsg', undefined, ''), 'Progressing', 'KeptnMetric is progressing'),
  ),
  'objectbucket.io/ObjectBucketClaim': rule(
    ['Progressing', 'Object bucket claim phase is {status.phase}'],
    when(lacks('status'), 'Progressing', 'Waiting for status to be reported'),
    when(lacks('status.phase'), 'Progressing', 'Waiting for phase to be reported'),
    word('status.phase', {
      Bound: ['Healthy', 'Object bucket claim phase is Bound'],
      Failed: ['Degraded', 'Object bucket claim phase is Failed'],
    }),
  ),
  'policy.open-cluster-management.io/CertificatePolicy': rule(
    ['Degraded', 'At least once certificate does not comply with the policy'],
    when(lacks('status.compliant'), 'Progressing', 'Waiting for the status to be reported'),
    word('status.compliant', { Compliant: ['Healthy', 'All certificates found comply with the policy'] }),
  ),
  'tower.ansible.com/AnsibleJob': rule(
    ['Progressing', 'Waiting for AnsibleJob'],
    word('status.ansibleJobResult.status', {
      successful: ['Healthy', JOB_TEXT],
      ...each(['failed', 'error', 'canceled'], 'Degraded', JOB_TEXT),
      ...each(['new', 'pending', 'waiting', 'running'], 'Progressing', JOB_TEXT),
    }),
  ),
  'trident.netapp.io/TridentBackendConfig': rule(
    ['Progressing', 'Waiting for backend creation'],
    when([is('status.phase', 'Bound'), is('status.lastOperationStatus', 'Success')], 'Healthy', '{status.message}'),
    word('status.lastOperationStatus', { Failed: ['Degraded', '{status.message}'] }),
  ),
  'trident.netapp.io/TridentOrchestrator': rule(
    ['Progressing', 'Waiting for trident installation'],
    word('status.status', {
      Installed: ['Healthy', '{status.message}'],
      ...each(['Failed', 'Error'], 'Degraded', '{status.message}'),
    }),
  ),
  'zookeeper.pravega.io/ZookeeperCluster': rule(
    ['Progressing', 'Waiting for ZK Nodes to join the ensemble'],
    when(lacks('status'), 'Progressing', 'Waiting for ZK Nodes to join the ensemble'),
    when(is('status.readyReplicas', 0), 'Progressing', 'Waiting for ZK Nodes to join the ensemble'),
    when(same('status.readyReplicas', 'status.replicas'), 'Healthy', 'All ZK Nodes have joined the ensemble'),
  ),
}

/** The retry is told only when there was one, the error only when there is one. */
function iamRoleFailure(): Assess {
  const failed = is('status.state', 'Error', 'RolesMaxLimitReached', 'PolicyNotAllowed', 'RoleNameNotAvailable')
  const text = (retry: string, error: string): Verdict => [
    'Degraded',
    `Failed to reconcile the Iamrole ${retry}for ${IAM_ROLE}${error}`,
  ]
  const retry = '(retry {status.retryCount}) '
  const error = ' Reconciliation error was: {status.errorDescription}'
  const isRepeated: Test = (object) => Number(valueAt(object, ['status', 'retryCount']) ?? 0) > 0
  const isSilent = lacks('status.errorDescription')
  return (object) => {
    if (!failed(object)) return undefined
    return rule(text(isRepeated(object) ? retry : '', isSilent(object) ? '' : error))(object)
  }
}
