// Health of Zalando's Postgres, Kyverno's policies, MariaDB's backups and Airlock's microgateway.
import type { KubeObject } from '../../kube/object.ts'
import { objectAt, objectsIn, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'
import { conditionsOf } from './rule-language.ts'

/** acid.zalan.do postgresql: what is neither running nor on its way has failed. */
export function assessPostgres(object: KubeObject): Health {
  const text = textIn(objectAt(object, 'status'), 'PostgresClusterStatus')
  if (text === '') return healthOf('Progressing', 'Waiting for postgres cluster status...')
  if (text === 'Running') return healthOf('Healthy', text)
  return healthOf(text === 'Creating' || text === 'Updating' ? 'Progressing' : 'Degraded', text)
}

/** kyverno.io Policy and ClusterPolicy. */
export function assessPolicyReadiness(object: KubeObject): Health {
  const isReady = conditionsOf(object).some(
    ({ type, status, reason, message }) =>
      type === 'Ready' && status === 'True' && reason === 'Succeeded' && message === 'Ready',
  )
  return isReady ? healthOf('Healthy', 'Policy is ready') : healthOf('Progressing', 'Waiting for Policy to be ready')
}

/** k8s.mariadb.com Backup: the first condition that is not met says why; all met tells the last. */
export function assessMariaDbBackup(object: KubeObject): Health {
  if (!Array.isArray(objectAt(object, 'status')['conditions'])) {
    return healthOf('Progressing', 'No status info available')
  }
  const list = conditionsOf(object)
  const unmet = list.find(({ status }) => status === 'False')
  const told = unmet ?? list.at(-1)
  const text = told === undefined ? '' : `${textIn(told, 'reason')} ${textIn(told, 'message')}`
  if (unmet === undefined) return healthOf('Healthy', text)
  return healthOf(text === 'CronJobScheduled Failed' ? 'Degraded' : 'Progressing', text)
}

/** microgateway.airlock.com: a policy is accepted by each ancestor for its newest spec; other kinds have nothing to wait for. */
export function assessAirlock(object: KubeObject): Health {
  const { kind } = object
  if (!kind.endsWith('Policy')) return healthOf('Healthy', `${kind} is healthy`)
  const { generation } = object.metadata
  const reports = objectsIn(objectAt(object, 'status'), 'ancestors').map((ancestor) => ({
    name: textIn(objectAt(ancestor, 'ancestorRef'), 'name'),
    conditions: objectsIn(ancestor, 'conditions'),
  }))
  const isOld = ({ observedGeneration }: { observedGeneration?: unknown }): boolean => observedGeneration !== generation
  const old = generation === undefined ? undefined : reports.find((report) => report.conditions.some(isOld))
  if (old !== undefined) {
    return healthOf('Progressing', `Waiting for Ancestor ${old.name} to update ${kind} status`)
  }
  for (const { name, conditions } of reports) {
    const refused = conditions.find(
      ({ type, status }) => (type === 'Accepted' || type === 'ResolvedRefs') && status !== 'True',
    )
    if (refused !== undefined) return healthOf('Degraded', `Ancestor ${name}: ${textIn(refused, 'message')}`)
  }
  const last = reports.at(-1)
  if (last === undefined) return healthOf('Progressing', `Waiting for ${kind} status`)
  if (last.conditions.some(({ type }) => type === 'Accepted')) return healthOf('Healthy', `${kind} is healthy`)
  return healthOf('Degraded', `Ancestor ${last.name}: ${kind} is not accepted`)
}
