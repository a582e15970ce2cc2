// Jobs and CronJobs (pkg/apis/batch/validation, 1.36.3).
import { deepEqual, isObject } from '../../../kube/json-value.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { changeEach, isAbsent, listOf, numberOf, objectOf, objectsOf, put, textOf, without } from '../edit.ts'
import { scheduleFault } from '../cron-schedule.ts'
import { invalidValue, notSupported, requiredValue, tooLong } from './faults.ts'
import { internalValue } from './internal-values.ts'
import { immutable } from './metadata.ts'
import { failurePolicyFaults, successPolicyFaults } from './job-policies.ts'
import { prefixedPathFaults } from './named-faults.ts'
import { dnsLabel } from './names.ts'
import { choiceIfSet, nonNegative, oneOf } from './numbers.ts'
import { templateFaults } from './pods.ts'
import { printableSelector, selectorFaults, selectorMatches, sortedMap } from './selectors.ts'
import { labelMismatch, labelMismatchFault } from './workloads.ts'

const NAME_TOO_LONG = 'must be no more than 52 characters'
/** The controller adds eleven characters to the name of a CronJob. */
const MAX_CRON_NAME = 52

export function validateJob(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const faults = [...jobSpecFaults(spec, 'spec'), ...selectorPart(spec)]
  const whole = [...generatedFaults(object, spec, old), ...faults, ...hostnameFaults(object, spec)]
  // The registry looks at the whole job, and what looks at updates looks at its spec once more.
  return old === undefined ? whole : [...whole, ...faults, ...jobChanges(spec, old)]
}

function selectorPart(spec: JsonObject): readonly FieldFault[] {
  const selector = spec['selector']
  const template = objectOf(spec['template'])
  // What is no selector selects nothing, the template's own pods too.
  if (!isObject(selector)) return [requiredValue('spec.selector'), labelMismatchFault(template)]
  const faults = selectorFaults(selector, 'spec.selector')
  return faults.length > 0 ? faults : labelMismatch(selector, template)
}

/** Pods of an indexed job are called after it and their index. */
function hostnameFaults(object: JsonObject, spec: JsonObject): readonly FieldFault[] {
  const completions = numberOf(spec['completions'])
  if (spec['completionMode'] !== 'Indexed' || completions <= 0) return []
  const name = textOf(objectOf(object['metadata'])['name'])
  const longest = `${name}-${completions - 1}`
  if (dnsLabel(longest).length === 0) return []
  return [invalidValue('metadata.name', name, `will not able to create pod with invalid DNS label: ${longest}`)]
}

/** A selector that was not generated must be owned up to. */
function generatedFaults(object: JsonObject, spec: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const selector = spec['selector']
  if (spec['manualSelector'] === true || !isObject(selector)) return []
  const { uid, name } = objectOf(object['metadata'])
  const carried = carriedBy(object)
  const labels: JsonObject = {
    'controller-uid': textOf(uid),
    'job-name': textOf(name),
    'batch.kubernetes.io/controller-uid': textOf(uid),
    'batch.kubernetes.io/job-name': textOf(name),
  }
  // Jobs from before the labels got a prefix need none.
  const needsPrefixed = old === undefined || PREFIXED.every((key) => key in carriedBy(old))
  const needed = Object.entries(labels).filter(([key]) => needsPrefixed || !PREFIXED.includes(key))
  const faults = needed.flatMap(([key, value]) => labelFault(carried, key, textOf(value)))
  if (selectorMatches(selector, labels)) return faults
  return [...faults, invalidValue('spec.selector', printableSelector(selector), '`selector` not auto-generated')]
}

const PREFIXED = ['batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name']

/** The labels that a job's pods get. */
function carriedBy(job: JsonObject): JsonObject {
  return objectOf(objectOf(objectOf(objectOf(job['spec'])['template'])['metadata'])['labels'])
}

function labelFault(labels: JsonObject, key: string, wanted: string): readonly FieldFault[] {
  const field = 'spec.template.metadata.labels'
  const value = labels[key]
  if (value === undefined) return [requiredValue(`${field}[${key}]`, `must be '${wanted}'`)]
  return value === wanted ? [] : [invalidValue(`${field}[${key}]`, sortedMap(labels), `must be '${wanted}'`)]
}

const COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
]

function jobSpecFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const template = objectOf(spec['template'])
  const needsLimit = !isAbsent(spec['maxFailedIndexes']) && isAbsent(spec['backoffLimitPerIndex'])
  return [
    ...nonNegative(spec, field, ...COUNTS),
    ...(needsLimit ? [requiredValue(`${field}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified')] : []),
    ...managerFaults(spec, `${field}.managedBy`),
    ...choiceIfSet(spec['completionMode'], `${field}.completionMode`, ['NonIndexed', 'Indexed']),
    ...indexedFaults(spec, field),
    ...failurePolicyFaults(spec, `${field}.podFailurePolicy`),
    ...successPolicyFaults(spec, `${field}.successPolicy`),
    ...choiceIfSet(
      spec['podReplacementPolicy'],
      `${field}.podReplacementPolicy`,
      isAbsent(spec['podFailurePolicy']) ? ['Failed', 'TerminatingOrFailed'] : ['Failed'],
    ),
    ...templateFaults(template, `${field}.template`),
    ...restartFaults(objectOf(template['spec']), spec, `${field}.template.spec.restartPolicy`),
  ]
}

/** Longest name of what keeps a job. */
const MAX_MANAGER = 63

function managerFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const manager = spec['managedBy']
  if (isAbsent(manager)) return []
  const faults = prefixedPathFaults(textOf(manager), field)
  return textOf(manager).length > MAX_MANAGER ? [...faults, tooLong(field, MAX_MANAGER)] : faults
}

/** More indexes than this, and more of them failed, are too much to keep account of. */
const MANY = 100_000
const MANY_AT_A_TIME = 10_000

function indexedFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const mode = spec['completionMode']
  if (mode === 'Indexed') return [...indexFaults(spec, field), ...manyIndexFaults(spec, field)]
  if (!isAbsent(mode) && mode !== 'NonIndexed') return []
  return ['backoffLimitPerIndex', 'maxFailedIndexes']
    .filter((key) => !isAbsent(spec[key]))
    .map((key) => invalidValue(`${field}.${key}`, spec[key], 'requires indexed completion mode'))
}

/** A count that is more than what its text says. */
function tooMuch(spec: JsonObject, field: string, key: string, most: string): FieldFault {
  return invalidValue(`${field}.${key}`, spec[key], `must be less than or equal to ${most}`)
}

function indexFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const failed = numberOf(spec['maxFailedIndexes'])
  const faults: FieldFault[] = []
  if (isAbsent(spec['completions']))
    faults.push(requiredValue(`${field}.completions`, 'when completion mode is Indexed'))
  if (numberOf(spec['parallelism']) > MANY)
    faults.push(tooMuch(spec, field, 'parallelism', `${MANY} when completion mode is Indexed`))
  if (!isAbsent(spec['completions']) && failed > numberOf(spec['completions']))
    faults.push(tooMuch(spec, field, 'maxFailedIndexes', 'completions'))
  return failed > MANY ? [...faults, tooMuch(spec, field, 'maxFailedIndexes', String(MANY))] : faults
}

function manyIndexFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  if (numberOf(spec['completions']) <= MANY || isAbsent(spec['backoffLimitPerIndex'])) return []
  const most = `${MANY_AT_A_TIME} when completions are above ${MANY} and used with backoff limit per index`
  const faults = ['parallelism', 'maxFailedIndexes']
    .filter((key) => numberOf(spec[key]) > MANY_AT_A_TIME)
    .map((key) => tooMuch(spec, field, key, most))
  if (!isAbsent(spec['maxFailedIndexes'])) return faults
  return [requiredValue(`${field}.maxFailedIndexes`, `must be specified when completions is above ${MANY}`), ...faults]
}

function restartFaults(podSpec: JsonObject, spec: JsonObject, field: string): readonly FieldFault[] {
  const policy = textOf(podSpec['restartPolicy'])
  if (policy === '' || policy === 'Always') return [requiredValue(field, 'valid values: "OnFailure", "Never"')]
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(field, policy, ['OnFailure', 'Never'])]
  if (isAbsent(spec['podFailurePolicy']) || policy === 'Never') return []
  return [invalidValue(field, policy, 'only "Never" is supported when podFailurePolicy is specified')]
}

function jobChanges(spec: JsonObject, old: JsonObject): readonly FieldFault[] {
  const before = objectOf(old['spec'])
  const { completions, selector } = spec
  const faults: FieldFault[] = []
  if (spec['completionMode'] !== 'Indexed')
    faults.push(...immutable('spec.completions', completions, before['completions']))
  else if (!isAbsent(completions) && completions !== before['completions'] && completions !== spec['parallelism'])
    faults.push(invalidValue('spec.completions', completions, 'can only be modified in tandem with spec.parallelism'))
  if (!deepEqual(selector, before['selector'])) {
    const printed = isObject(selector) ? printableSelector(selector) : null
    faults.push(invalidValue('spec.selector', printed, 'field is immutable'))
  }
  faults.push(...templateChange(spec, before, objectOf(old['status'])))
  faults.push(...immutable('spec.completionMode', spec['completionMode'], before['completionMode']))
  faults.push(...policyChange(spec, before, 'podFailurePolicy', 'batch.PodFailurePolicy'))
  for (const key of ['backoffLimitPerIndex', 'managedBy'])
    faults.push(...immutable(`spec.${key}`, spec[key], before[key]))
  return [...faults, ...policyChange(spec, before, 'successPolicy', 'batch.SuccessPolicy')]
}

function policyChange(spec: JsonObject, before: JsonObject, key: string, type: string): readonly FieldFault[] {
  if (deepEqual(spec[key], before[key])) return []
  const printed = isAbsent(spec[key]) ? null : internalValue(type, objectOf(spec[key]))
  return [invalidValue(`spec.${key}`, printed, 'field is immutable')]
}

const SCHEDULING = ['nodeSelector', 'tolerations', 'schedulingGates']

/** While a job is suspended and has not begun, where its pods go and what they take may still change, labels and annotations too. */
function templateChange(spec: JsonObject, before: JsonObject, status: JsonObject): readonly FieldFault[] {
  const [template, old] = [objectOf(spec['template']), objectOf(before['template'])]
  const isSuspended = objectsOf(status['conditions']).some((one) => one['type'] === 'Suspended' && one['status'] === 'True') // prettier-ignore
  const isIdle = (isAbsent(status['startTime']) || isSuspended) && numberOf(status['active']) === 0
  if (before['suspend'] !== true || !isIdle)
    return deepEqual(template, old) ? [] : [invalidValue('spec.template', internalValue('PodTemplateSpec', template), 'field is immutable')] // prettier-ignore
  const now = objectOf(template['spec'])
  const like = withResources(withScheduling(objectOf(old['spec']), now), now)
  if (deepEqual(now, like)) return []
  return [invalidValue('spec.template.spec', internalValue('PodSpec', now), 'field is immutable')]
}

function setLike(object: JsonObject, other: JsonObject, key: string): JsonObject {
  const value = other[key]
  return isAbsent(value) ? without(object, key) : put(object, key, value)
}

function withScheduling(old: JsonObject, now: JsonObject): JsonObject {
  let edited = old
  for (const key of SCHEDULING) edited = setLike(edited, now, key)
  const affinity = setLike(objectOf(old['affinity']), objectOf(now['affinity']), 'nodeAffinity')
  const isNothing = Object.keys(affinity).length === 0 && isAbsent(now['affinity'])
  return isNothing ? without(edited, 'affinity') : put(edited, 'affinity', affinity)
}

function withResources(old: JsonObject, now: JsonObject): JsonObject {
  let edited = old
  for (const key of ['containers', 'initContainers']) {
    const others = objectsOf(now[key])
    if (others.length !== listOf(old[key]).length) continue
    let index = -1
    edited = changeEach(edited, key, (container) => {
      const other = others[(index += 1)] ?? {}
      return other['name'] === container['name'] ? setLike(container, other, 'resources') : container
    })
  }
  return edited
}

export function validateCronJob(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const schedule = textOf(spec['schedule'])
  const faults: FieldFault[] = schedule === '' ? [requiredValue('spec.schedule')] : [...scheduleFaults(schedule)]
  faults.push(...nonNegative(spec, 'spec', 'startingDeadlineSeconds'))
  if (old === undefined || spec['timeZone'] !== objectOf(old['spec'])['timeZone']) faults.push(...timeZoneFaults(spec))
  faults.push(
    ...oneOf(spec['concurrencyPolicy'], 'spec.concurrencyPolicy', ['Allow', 'Forbid', 'Replace']),
    ...jobTemplateFaults(objectOf(spec['jobTemplate'])),
    ...nonNegative(spec, 'spec', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'),
  )
  const name = textOf(objectOf(object['metadata'])['name'])
  const isLong = old === undefined && name.length > MAX_CRON_NAME
  return isLong ? [...faults, invalidValue('metadata.name', name, NAME_TOO_LONG)] : faults
}

function scheduleFaults(schedule: string): readonly FieldFault[] {
  const fault = scheduleFault(schedule)
  const faults = fault === undefined ? [] : [invalidValue('spec.schedule', schedule, fault)]
  const text = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
  return schedule.includes('TZ') ? [...faults, invalidValue('spec.schedule', schedule, text)] : faults
}

function timeZoneFaults(spec: JsonObject): readonly FieldFault[] {
  const zone = spec['timeZone']
  if (typeof zone !== 'string') return []
  if (zone === '') return [invalidValue('spec.timeZone', zone, 'timeZone must be nil or non-empty string')]
  if (zone.toLowerCase() === 'local') {
    const text = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'
    return [invalidValue('spec.timeZone', zone, text)]
  }
  return isTimeZone(zone) ? [] : [invalidValue('spec.timeZone', zone, `unknown time zone ${zone}`)]
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    // A RangeError is how the platform says that it does not know the zone.
    return false
  }
}

function jobTemplateFaults(template: JsonObject): readonly FieldFault[] {
  const spec = objectOf(template['spec'])
  const field = 'spec.jobTemplate.spec'
  const faults = [...jobSpecFaults(spec, field)]
  if (!isAbsent(spec['selector'])) faults.push(invalidValue(`${field}.selector`, printableSelector(objectOf(spec['selector'])), '`selector` will be auto-generated')) // prettier-ignore
  if (spec['manualSelector'] === true) faults.push(notSupported(`${field}.manualSelector`, true, ['nil', 'false']))
  return faults
}
