// Jobs and CronJobs (pkg/apis/batch/validation, 1.36.3).
import { deepEqual, isObject } from '../../../kube/json-value.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, numberOf, objectOf, put, textOf } from '../edit.ts'
import { scheduleFault } from '../cron-schedule.ts'
import { invalidValue, notSupported, requiredValue } from './faults.ts'
import { internalValue } from './internal-values.ts'
import { immutable } from './metadata.ts'
import { nonNegative, oneOf, oneOfIfSet } from './numbers.ts'
import { templateFaults } from './pods.ts'
import { printableSelector, selectorFaults, selectorMatches } from './selectors.ts'
import { labelMismatch } from './workloads.ts'

const NAME_TOO_LONG = 'must be no more than 52 characters'
/** The controller adds eleven characters to the name of a CronJob. */
const MAX_CRON_NAME = 52

export function validateJob(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const faults = old === undefined ? [...generatedFaults(object, spec)] : []
  faults.push(...jobSpecFaults(spec, 'spec'))
  const selector = spec['selector']
  if (!isObject(selector)) faults.push(requiredValue('spec.selector'))
  else faults.push(...selectorFaults(selector, 'spec.selector'), ...labelMismatch(selector, objectOf(spec['template'])))
  return old === undefined ? faults : [...faults, ...jobChanges(spec, objectOf(old['spec']))]
}

/** A selector that was not generated must be owned up to. */
function generatedFaults(object: JsonObject, spec: JsonObject): readonly FieldFault[] {
  const selector = spec['selector']
  if (spec['manualSelector'] === true || !isObject(selector)) return []
  const { uid, name } = objectOf(object['metadata'])
  const labels: JsonObject = {
    'controller-uid': textOf(uid),
    'job-name': textOf(name),
    'batch.kubernetes.io/controller-uid': textOf(uid),
    'batch.kubernetes.io/job-name': textOf(name),
  }
  if (selectorMatches(selector, labels)) return []
  return [invalidValue('spec.selector', printableSelector(selector), '`selector` not auto-generated')]
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
  return [
    ...nonNegative(spec, field, ...COUNTS),
    ...oneOfIfSet(spec['completionMode'], `${field}.completionMode`, ['NonIndexed', 'Indexed']),
    ...indexedFaults(spec, field),
    ...templateFaults(template, `${field}.template`),
    ...restartFaults(objectOf(template['spec']), spec, `${field}.template.spec.restartPolicy`),
  ]
}

function indexedFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  if (spec['completionMode'] === 'Indexed') {
    const missing = isAbsent(spec['completions'])
    const faults = missing ? [requiredValue(`${field}.completions`, 'when completion mode is Indexed')] : []
    const tooWide = numberOf(spec['parallelism']) > 100_000
    const text = 'must be less than or equal to 100000 when completion mode is Indexed'
    return tooWide ? [...faults, invalidValue(`${field}.parallelism`, spec['parallelism'], text)] : faults
  }
  return ['backoffLimitPerIndex', 'maxFailedIndexes']
    .filter((key) => !isAbsent(spec[key]))
    .map((key) => invalidValue(`${field}.${key}`, spec[key], 'requires indexed completion mode'))
}

function restartFaults(podSpec: JsonObject, spec: JsonObject, field: string): readonly FieldFault[] {
  const policy = textOf(podSpec['restartPolicy'])
  if (policy === '' || policy === 'Always') return [requiredValue(field, 'valid values: "OnFailure", "Never"')]
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(field, policy, ['OnFailure', 'Never'])]
  if (isAbsent(spec['podFailurePolicy']) || policy === 'Never') return []
  return [invalidValue(field, policy, 'only "Never" is supported when podFailurePolicy is specified')]
}

function jobChanges(spec: JsonObject, before: JsonObject): readonly FieldFault[] {
  const faults: FieldFault[] = []
  if (spec['completionMode'] !== 'Indexed')
    faults.push(...immutable('spec.completions', spec['completions'], before['completions']))
  else if (!deepEqual(spec['completions'], before['completions']) && spec['completions'] !== spec['parallelism'])
    faults.push(
      invalidValue('spec.completions', spec['completions'], 'can only be modified in tandem with spec.parallelism'),
    )
  if (!deepEqual(spec['selector'], before['selector']))
    faults.push(invalidValue('spec.selector', printableSelector(objectOf(spec['selector'])), 'field is immutable'))
  faults.push(...templateChange(spec, before))
  for (const key of ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'])
    faults.push(...immutable(`spec.${key}`, spec[key], before[key]))
  return faults
}

const SCHEDULING = ['nodeSelector', 'tolerations', 'schedulingGates']

/** While a job is suspended and has not begun, where its pods go may still change. */
function templateChange(spec: JsonObject, before: JsonObject): readonly FieldFault[] {
  let [template, old] = [objectOf(spec['template']), objectOf(before['template'])]
  if (before['suspend'] === true) {
    const [podSpec, oldSpec] = [objectOf(template['spec']), objectOf(old['spec'])]
    let like = oldSpec
    for (const key of SCHEDULING) like = put(like, key, podSpec[key] ?? null)
    old = { ...old, metadata: template['metadata'] ?? {}, spec: like }
    template = put(
      template,
      'spec',
      SCHEDULING.reduce((value, key) => put(value, key, podSpec[key] ?? null), podSpec),
    )
  }
  return deepEqual(template, old)
    ? []
    : [invalidValue('spec.template', internalValue('PodTemplateSpec', template), 'field is immutable')]
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
