// Health of the Spark operator's applications: a running one is healthy with as many executors as it asked for.
import type { KubeObject } from '../../kube/object.ts'
import { numberIn, objectAt, optionalNumberIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'
import { assessSparkState } from './word-rules.ts'

const RUNNING = healthOf('Healthy', 'SparkApplication is Running')
/** Spark's own settings for executors that come and go; those of streaming go first. */
const SETTINGS = ['spark.streaming.dynamicAllocation', 'spark.dynamicAllocation']

interface Range {
  readonly least: number
  readonly most: number
}

/** sparkoperator.k8s.io SparkApplication. */
export function assessSpark(object: KubeObject): Health | undefined {
  const status = objectAt(object, 'status')
  if (objectAt(status, 'applicationState')['state'] === 'RUNNING' && isAsWanted(object)) return RUNNING
  return assessSparkState(object)
}

function isAsWanted(object: KubeObject): boolean {
  const { executorState } = objectAt(object, 'status')
  if (typeof executorState !== 'object' || executorState === null) return false
  const count = Object.values(executorState).filter((state) => state === 'RUNNING').length
  const spec = objectAt(object, 'spec')
  const instances = optionalNumberIn(objectAt(spec, 'executor'), 'instances')
  if (instances === count) return true
  const range = rangeOf(object)
  if (range !== undefined) return count >= range.least && count <= range.most
  return spec['dynamicAllocation'] === undefined && instances === undefined && count >= 1
}

function rangeOf(object: KubeObject): Range | undefined {
  const spec = objectAt(object, 'spec')
  const allocation = objectAt(spec, 'dynamicAllocation')
  if (allocation['enabled'] === true) {
    return {
      least: numberIn(allocation, 'minExecutors'),
      most: optionalNumberIn(allocation, 'maxExecutors') ?? Infinity,
    }
  }
  const conf = objectAt(spec, 'sparkConf')
  const prefix = SETTINGS.find((name) => conf[`${name}.enabled`] === 'true')
  if (prefix === undefined) return undefined
  return {
    least: Number(conf[`${prefix}.minExecutors`] ?? 0),
    most: Number(conf[`${prefix}.maxExecutors`] ?? Infinity),
  }
}
