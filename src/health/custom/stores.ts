// Health of databases, message brokers and storage whose rules count nodes or join texts (texts of argo-cd v3.5.1).
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { isObject, numberIn, objectAt, objectsIn, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'
import { conditionsOf, type Assess } from './rule-language.ts'
import { assessCnpgPhase, assessElasticPhase } from './word-rules.ts'

function assessCassandra(object: KubeObject): Health {
  const waiting = healthOf('Progressing', 'Waiting for Cassandra Cluster')
  const { racks } = objectAt(object, 'status')
  if (!isObject(racks)) return waiting
  const isShort = Object.values(racks)
    .filter(isObject)
    .some(
      ({ members, readyMembers }) => members !== undefined && readyMembers !== undefined && members !== readyMembers,
    )
  return isShort ? waiting : healthOf('Healthy')
}

const CEPH_CREATED = ['Created', 'Connected']

function assessCephCluster(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  if (!('status' in object)) return healthOf('Progressing', 'Waiting for status to be reported')
  const ceph = objectAt(status, 'ceph')
  const [health, state] = [textIn(ceph, 'health'), textIn(status, 'state')]
  const isCephHealthy = health === 'HEALTH_OK'
  const parts = [
    health === '' ? '' : `Ceph health is ${health}${describeDetails(objectAt(ceph, 'details'))}`,
    isCephHealthy && state !== '' ? `Ceph cluster state is ${state}` : '',
    textIn(status, 'message'),
  ]
  const text = parts.filter((part) => part !== '').join(' - ')
  if (health === 'HEALTH_ERR' || health === 'HEALTH_WARN') return healthOf('Degraded', text)
  if (!isCephHealthy) return healthOf('Progressing', text)
  if (state === '' || CEPH_CREATED.includes(state)) return healthOf('Healthy', text)
  return healthOf(state === 'Error' ? 'Degraded' : 'Progressing', text)
}

function describeDetails(details: JsonObject): string {
  const texts = Object.keys(details)
    .toSorted()
    .map((type) => objectAt(details, type)['message'])
    .filter((message) => typeof message === 'string')
  return texts.length === 0 ? '' : ` (${texts.join('; ')})`
}

function assessCephStore(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const phase = textIn(status, 'phase')
  const endpoint = textIn(objectAt(status, 'info'), 'endpoint')
  const text = phase === '' ? 'Waiting for status to be reported' : `Ceph object store phase is ${phase}`
  const full = endpoint === '' ? text : `${text} - endpoint: ${endpoint}`
  if (phase === 'Ready') return healthOf('Healthy', full)
  return healthOf(phase === 'Failure' ? 'Degraded' : 'Progressing', full)
}

function assessElasticsearch(object: KubeObject): Health | undefined {
  const status = objectAt(object, 'status')
  const wanted = objectsIn(objectAt(object, 'spec'), 'nodeSets').reduce((sum, set) => sum + numberIn(set, 'count'), 0)
  const { availableNodes: available } = status
  if (typeof available === 'number' && available < wanted) {
    return healthOf(
      'Progressing',
      `The desired amount of availableNodes is ${wanted} but the current amount is ${available}`,
    )
  }
  return assessElasticPhase(available === wanted ? object : withoutStatus(object))
}

function withoutStatus({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata }
}

/** The first condition that is not met says why; all met is healthy with what the last one says. */
function assessMariaDb(object: KubeObject): Health {
  if (!Array.isArray(objectAt(object, 'status')['conditions'])) {
    return healthOf('Progressing', 'No status info available')
  }
  const list = conditionsOf(object)
  const unmet = list.find(({ status }) => status === 'False')
  if (unmet === undefined) return healthOf('Healthy', textIn(list.at(-1) ?? {}, 'message'))
  return healthOf(unmet['reason'] === 'Failed' ? 'Degraded' : 'Progressing', textIn(unmet, 'message'))
}

function assessSqlJob(object: KubeObject): Health {
  const list = conditionsOf(object)
  const done = list.find(
    ({ reason, status }) => status === 'True' && (reason === 'JobComplete' || reason === 'JobFailed'),
  )
  const told = done ?? list.at(-1)
  if (told === undefined) return healthOf('Progressing', 'No status info available')
  const text = `${textIn(told, 'reason')} ${textIn(told, 'message')}`
  if (done === undefined) return healthOf('Progressing', text)
  return healthOf(done['reason'] === 'JobComplete' ? 'Healthy' : 'Degraded', text)
}

const SCALED = ['GracefulUpscaleSucceeded', 'GracefulDownscaleSucceeded']

function isSoundBroker(broker: JsonObject): boolean {
  const cruiseControl = textIn(objectAt(broker, 'gracefulActionState'), 'cruiseControlState')
  return broker['configurationState'] === 'ConfigInSync' && SCALED.includes(cruiseControl)
}

/** Banzai Cloud's operator (Koperator). */
function assessKafkaCluster(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const waiting = healthOf('Progressing', 'Waiting for KafkaCluster')
  const { state, brokersState, cruiseControlTopicStatus: topic } = status
  if (state === 'ClusterRollingUpgrading') return healthOf('Progressing', 'Kafka Cluster is Rolling Upgrading.')
  if (typeof brokersState !== 'object' || brokersState === null) return waiting
  if (!Object.values(brokersState).every((broker) => isSoundBroker(objectAt(broker)))) {
    return healthOf('Degraded', 'Broker Config is out of Sync or CruiseControlState is not Ready')
  }
  if (topic === 'CruiseControlTopicReady' && state === 'ClusterRunning') {
    return healthOf('Healthy', 'Kafka Brokers, CruiseControl and cluster are in Healthy State.')
  }
  const isTopicMissing = topic === 'CruiseControlTopicNotReady' || topic === undefined
  if (isTopicMissing && state === 'ClusterReconciling') {
    return healthOf('Progressing', 'Kafka Cluster is Reconciling.')
  }
  return waiting
}

/** Confluent's connector has one condition, which holds the text of the failure. */
function assessConnector(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const { state, connectorState, failedTasksCount } = status
  if (state === 'CREATED' && connectorState === 'RUNNING' && failedTasksCount === undefined) {
    return healthOf('Healthy', 'Connector running')
  }
  if (state === 'ERROR') {
    const [first] = conditionsOf(object)
    return healthOf('Degraded', first === undefined ? 'No conditions available' : textIn(first, 'message'))
  }
  if (state !== undefined && numberIn(status, 'failedTasksCount') > 0) {
    return healthOf('Degraded', 'Connector has failed tasks')
  }
  return healthOf('Progressing', 'Waiting for Kafka Connector')
}

/** CloudNativePG: a pause, hibernation, then the phase. */
function assessCnpg(object: KubeObject): Health | undefined {
  if (object.metadata.annotations?.['cnpg.io/reconciliationLoop'] === 'disabled') {
    return healthOf('Suspended', 'Cluster reconciliation is suspended')
  }
  const hibernation = conditionsOf(object).find(({ type }) => type === 'cnpg.io/hibernation')
  if (hibernation === undefined) return assessCnpgPhase(object)
  return healthOf(hibernation['status'] === 'True' ? 'Suspended' : 'Degraded', textIn(hibernation, 'message'))
}

function assessSolr(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  if (!Array.isArray(status['solrNodes'])) return healthOf('Progressing', 'Waiting for solr to exist')
  const isReady = objectsIn(status, 'solrNodes').every(({ ready }) => ready === true)
  return isReady ? healthOf('Healthy', 'Solr is ready') : healthOf('Progressing', 'Not all replicas are ready')
}

export const storeRules: Readonly<Record<string, Assess>> = {
  'cassandra.rook.io/Cluster': assessCassandra,
  'ceph.rook.io/CephCluster': assessCephCluster,
  'ceph.rook.io/CephObjectStore': assessCephStore,
  'elasticsearch.k8s.elastic.co/Elasticsearch': assessElasticsearch,
  'k8s.mariadb.com/MariaDB': assessMariaDb,
  'k8s.mariadb.com/SqlJob': assessSqlJob,
  'kafka.banzaicloud.io/KafkaCluster': assessKafkaCluster,
  'mariadb.mmontes.io/MariaDB': assessMariaDb,
  'platform.confluent.io/Connector': assessConnector,
  'postgresql.cnpg.io/Cluster': assessCnpg,
  'solr.apache.org/SolrCloud': assessSolr,
}
