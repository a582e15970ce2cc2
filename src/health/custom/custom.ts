// Health of custom resources, and of the built-in kinds that the engine leaves out, by rules of our own.
import { kindOf, type KubeObject } from '../../kube/object.ts'
import type { Health } from '../health.ts'
import { assessAnalysisRun, assessApplicationSet, assessCronWorkflow, assessExperiment, assessRollout } from './argo.ts'
import { assessByChecks } from './check-rules.ts'
import { assessCluster, assessMachine, assessMachineDeployment, assessMachineHealthCheck } from './cluster-api.ts'
import { assessCrd, assessCronJob, assessDisruptionBudget, assessSnapshot } from './cluster-kinds.ts'
import { assessByCondition } from './condition-rules.ts'
import {
  assessCrossplaneProvider,
  assessMongoDb,
  assessNodeClaim,
  assessRabbitCluster,
  assessVirtualMachine,
  assessVirtualMachineInstance,
  assessXtraDb,
} from './machines.ts'
import {
  assessCertificate,
  assessClusterExternalSecret,
  assessGateway,
  assessHelmRepository,
  assessKeycloak,
  assessPostgres,
  assessScaledObject,
  assessStrimzi,
} from './operators.ts'
import { assessByGroup, assessHttpProxy, assessOcmPolicy } from './operator-groups.ts'
import { assessCrossplane, assessUpbound, crossplaneRules } from './crossplane.ts'
import { countingRules } from './counting-rules.ts'
import { kruiseRules } from './kruise.ts'
import { listedGroups, listedRules } from './listed-rules.ts'
import { numaprojRules } from './numaproj.ts'
import { promoterRules } from './promoter.ts'
import { assessRoute } from './routes.ts'
import type { Assess } from './rule-language.ts'
import { singleRules } from './single-rules.ts'
import { assessSpark } from './spark.ts'
import { storeRules } from './stores.ts'
import { wordRules } from './word-rules.ts'
import { assessByPhase, assessGloo } from './phase-rules.ts'

const rules: Readonly<Record<string, Assess>> = {
  ...countingRules,
  ...crossplaneRules,
  ...kruiseRules,
  ...listedRules,
  ...numaprojRules,
  ...promoterRules,
  ...singleRules,
  ...storeRules,
  ...wordRules,
  'acid.zalan.do/postgresql': assessPostgres,
  'apiextensions.k8s.io/CustomResourceDefinition': assessCrd,
  'argoproj.io/AnalysisRun': assessAnalysisRun,
  'argoproj.io/ApplicationSet': assessApplicationSet,
  'argoproj.io/CronWorkflow': assessCronWorkflow,
  'argoproj.io/Experiment': assessExperiment,
  'argoproj.io/Rollout': assessRollout,
  'batch/CronJob': assessCronJob,
  'cert-manager.io/Certificate': assessCertificate,
  'cluster.x-k8s.io/Cluster': assessCluster,
  'cluster.x-k8s.io/Machine': assessMachine,
  'cluster.x-k8s.io/MachineDeployment': assessMachineDeployment,
  'cluster.x-k8s.io/MachineHealthCheck': assessMachineHealthCheck,
  'external-secrets.io/ClusterExternalSecret': assessClusterExternalSecret,
  'gateway.networking.k8s.io/Gateway': assessGateway,
  'gateway.networking.k8s.io/GatewayClass': assessGateway,
  'gateway.networking.k8s.io/GRPCRoute': assessRoute,
  'gateway.networking.k8s.io/HTTPRoute': assessRoute,
  'gateway.networking.k8s.io/TCPRoute': assessRoute,
  'gateway.networking.k8s.io/TLSRoute': assessRoute,
  'gateway.networking.k8s.io/UDPRoute': assessRoute,
  'gateway.solo.io/Gateway': assessGloo,
  'gateway.solo.io/MatchableHttpGateway': assessGloo,
  'gateway.solo.io/RouteOption': assessGloo,
  'gateway.solo.io/RouteTable': assessGloo,
  'gateway.solo.io/VirtualHostOption': assessGloo,
  'gateway.solo.io/VirtualService': assessGloo,
  'gloo.solo.io/Proxy': assessGloo,
  'gloo.solo.io/Settings': assessGloo,
  'gloo.solo.io/Upstream': assessGloo,
  'gloo.solo.io/UpstreamGroup': assessGloo,
  'k8s.keycloak.org/Keycloak': assessKeycloak,
  'kafka.strimzi.io/Kafka': assessStrimzi('Kafka Cluster'),
  'kafka.strimzi.io/KafkaBridge': assessStrimzi('KafkaBridge'),
  'kafka.strimzi.io/KafkaConnect': assessStrimzi('Kafka Connect'),
  'kafka.strimzi.io/KafkaConnector': assessStrimzi('KafkaConnector'),
  'karpenter.sh/NodeClaim': assessNodeClaim,
  'kubevirt.io/VirtualMachine': assessVirtualMachine,
  'kubevirt.io/VirtualMachineInstance': assessVirtualMachineInstance,
  'pkg.crossplane.io/Provider': assessCrossplaneProvider,
  'psmdb.percona.com/PerconaServerMongoDB': assessMongoDb,
  'pxc.percona.com/PerconaXtraDBCluster': assessXtraDb,
  'policy.open-cluster-management.io/Policy': assessOcmPolicy,
  'projectcontour.io/HTTPProxy': assessHttpProxy,
  'rabbitmq.com/RabbitmqCluster': assessRabbitCluster,
  'keda.sh/ScaledObject': assessScaledObject,
  'policy/PodDisruptionBudget': assessDisruptionBudget,
  'snapshot.storage.k8s.io/VolumeSnapshot': assessSnapshot,
  'snapshot.storage.k8s.io/VolumeSnapshotContent': assessSnapshot,
  'source.toolkit.fluxcd.io/HelmRepository': assessHelmRepository,
  'sparkoperator.k8s.io/SparkApplication': assessSpark,
}

/** The health by a rule for the object's group and kind, or undefined where there is none. */
export function assessCustomHealth(object: KubeObject): Health | undefined {
  const { group, kind } = kindOf(object)
  const key = `${group}/${kind}`
  const assess = Object.hasOwn(rules, key) ? rules[key] : undefined
  if (assess !== undefined) return assess(object)
  const byKind = assessByCondition(object, key) ?? assessByPhase(object, key) ?? assessByChecks(object, key)
  return byKind ?? assessByGroup(object, group) ?? assessWild(object, group)
}

function assessWild(object: KubeObject, group: string): Health | undefined {
  if (group.endsWith('.crossplane.io')) return assessCrossplane(object)
  if (group.endsWith('.upbound.io')) return assessUpbound(object)
  return Object.hasOwn(listedGroups, group) ? listedGroups[group]?.(object) : undefined
}
