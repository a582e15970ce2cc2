// Health of custom resources, and of the built-in kinds that the engine leaves out, by rules of our own.
import { kindOf, type KubeObject } from '../../kube/object.ts'
import type { Health } from '../health.ts'
import { assessAnalysisRun, assessApplicationSet, assessCronWorkflow, assessExperiment, assessRollout } from './argo.ts'
import { threeScaleRules } from './three-scale.ts'
import { assessCluster, assessMachine, assessMachineDeployment, assessMachineHealthCheck } from './cluster-api.ts'
import { assessCrd, assessCronJob, assessDisruptionBudget, assessSnapshot } from './cluster-kinds.ts'
import { conditionGroups, conditionRules } from './condition-rules.ts'
import { countingRules } from './counting-rules.ts'
import { assessCrossplane, assessUpbound, crossplaneRules } from './crossplane.ts'
import { fluxRules } from './flux.ts'
import { kruiseRules } from './kruise.ts'
import { listedGroups, listedRules } from './listed-rules.ts'
import {
  assessCrossplaneProvider,
  assessMongoDb,
  assessRabbitCluster,
  assessVirtualMachine,
  assessVirtualMachineInstance,
  assessXtraDb,
} from './machines.ts'
import { numaprojRules } from './numaproj.ts'
import { assessMariaDbBackup, assessPolicyReadiness, assessPostgres } from './operators.ts'
import { assessByGroup, assessHttpProxy, assessOcmPolicy } from './operator-groups.ts'
import { assessGloo, phaseRules } from './phase-rules.ts'
import { promoterRules } from './promoter.ts'
import { assessGateway, assessRoute } from './routes.ts'
import type { Assess } from './rule-language.ts'
import { singleRules } from './single-rules.ts'
import { assessSpark } from './spark.ts'
import { storeRules } from './stores.ts'
import { wordRules } from './word-rules.ts'

const GLOO_KINDS = [
  'gateway.solo.io/Gateway',
  'gateway.solo.io/MatchableHttpGateway',
  'gateway.solo.io/RouteOption',
  'gateway.solo.io/RouteTable',
  'gateway.solo.io/VirtualHostOption',
  'gateway.solo.io/VirtualService',
  'gloo.solo.io/Proxy',
  'gloo.solo.io/Settings',
  'gloo.solo.io/Upstream',
  'gloo.solo.io/UpstreamGroup',
]

const ownRules: Readonly<Record<string, Assess>> = {
  ...Object.fromEntries(GLOO_KINDS.map((key) => [key, assessGloo])),
  'acid.zalan.do/postgresql': assessPostgres,
  'apiextensions.k8s.io/CustomResourceDefinition': assessCrd,
  'argoproj.io/AnalysisRun': assessAnalysisRun,
  'argoproj.io/ApplicationSet': assessApplicationSet,
  'argoproj.io/CronWorkflow': assessCronWorkflow,
  'argoproj.io/Experiment': assessExperiment,
  'argoproj.io/Rollout': assessRollout,
  'batch/CronJob': assessCronJob,
  'cluster.x-k8s.io/Cluster': assessCluster,
  'cluster.x-k8s.io/Machine': assessMachine,
  'cluster.x-k8s.io/MachineDeployment': assessMachineDeployment,
  'cluster.x-k8s.io/MachineHealthCheck': assessMachineHealthCheck,
  'gateway.networking.k8s.io/Gateway': assessGateway,
  'gateway.networking.k8s.io/GRPCRoute': assessRoute,
  'gateway.networking.k8s.io/HTTPRoute': assessRoute,
  'k8s.mariadb.com/Backup': assessMariaDbBackup,
  'kubevirt.io/VirtualMachine': assessVirtualMachine,
  'kubevirt.io/VirtualMachineInstance': assessVirtualMachineInstance,
  'kyverno.io/Policy': assessPolicyReadiness,
  'pkg.crossplane.io/Provider': assessCrossplaneProvider,
  'policy/PodDisruptionBudget': assessDisruptionBudget,
  'policy.open-cluster-management.io/Policy': assessOcmPolicy,
  'projectcontour.io/HTTPProxy': assessHttpProxy,
  'psmdb.percona.com/PerconaServerMongoDB': assessMongoDb,
  'pxc.percona.com/PerconaXtraDBCluster': assessXtraDb,
  'rabbitmq.com/RabbitmqCluster': assessRabbitCluster,
  'snapshot.storage.k8s.io/VolumeSnapshot': assessSnapshot,
  'snapshot.storage.k8s.io/VolumeSnapshotContent': assessSnapshot,
  'sparkoperator.k8s.io/SparkApplication': assessSpark,
}

/** By group and kind. One look-up judges whether a kind has a rule: this runs for every event of a watch. */
const rules: ReadonlyMap<string, Assess> = new Map(
  [
    threeScaleRules,
    conditionRules,
    countingRules,
    crossplaneRules,
    fluxRules,
    kruiseRules,
    listedRules,
    numaprojRules,
    ownRules,
    phaseRules,
    promoterRules,
    singleRules,
    storeRules,
    wordRules,
  ].flatMap((table) => Object.entries(table)),
)

/** The health by a rule for the object's group and kind, or undefined where there is none. */
export function assessCustomHealth(object: KubeObject): Health | undefined {
  const { group, kind } = kindOf(object)
  const assess = rules.get(`${group}/${kind}`)
  return assess === undefined ? assessWholeGroup(object, group) : assess(object)
}

/** Groups whose kinds all follow one convention (upstream's folders with `_`); those of the cluster itself hold no dot or end so. */
function assessWholeGroup(object: KubeObject, group: string): Health | undefined {
  if (!group.includes('.') || group.endsWith('.k8s.io')) return undefined
  if (group.endsWith('.crossplane.io')) return assessCrossplane(object)
  if (group.endsWith('.upbound.io')) return assessUpbound(object)
  const listed = listedGroups[group] ?? conditionGroups.find(([isGroup]) => isGroup(group))?.[1]
  return listed === undefined ? assessByGroup(object, group) : listed(object)
}
