// Jobs and CronJobs: defaults, generated selectors (pkg/apis/batch/v1/defaults.go, pkg/registry/batch/job/strategy.go, 1.36.3).
import type { JsonObject } from '../../../kube/object.ts'
import { change, changeAt, changeEach, fill, isAbsent, numberOf, objectOf, put, textOf } from '../edit.ts'
import { defaultTemplate } from '../pod/pod-defaults.ts'
import { specParts, type Family } from './family.ts'

const MAX_INT32 = 2 ** 31 - 1
const BATCH_PREFIX = 'batch.kubernetes.io/'

export const batchFamily: Family = {
  'batch/v1/Job': {
    setDefaults: defaultJob,
    prepareForCreate: generateSelector,
    generationParts: specParts,
    fieldLabels: (object) => ({ 'status.successful': String(numberOf(objectOf(object['status'])['succeeded'])) }),
  },
  'batch/v1/CronJob': {
    setDefaults: (object) => change(object, 'spec', defaultCronJobSpec),
    generationParts: specParts,
  },
}

function defaultJob(object: JsonObject): JsonObject {
  const edited = change(object, 'spec', (spec) => defaultTemplate(defaultJobSpec(spec)))
  const labels = objectOf(objectOf(objectOf(object['spec'])['template'])['metadata'])['labels']
  return isAbsent(labels) ? edited : change(edited, 'metadata', (metadata) => fill(metadata, { labels }))
}

function defaultJobSpec(spec: JsonObject): JsonObject {
  const isSingle = isAbsent(spec['completions']) && isAbsent(spec['parallelism'])
  const named = changeAt(spec, ['podFailurePolicy'], (policy) =>
    changeEach(policy, 'rules', (rule) =>
      changeEach(rule, 'onPodConditions', (pattern) =>
        textOf(pattern['status']) === '' ? put(pattern, 'status', 'True') : pattern,
      ),
    ),
  )
  return fill(named, {
    parallelism: 1,
    ...(isSingle ? { completions: 1 } : {}),
    backoffLimit: isAbsent(spec['backoffLimitPerIndex']) ? 6 : MAX_INT32,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: isAbsent(spec['podFailurePolicy']) ? 'TerminatingOrFailed' : 'Failed',
    manualSelector: false,
  })
}

function defaultCronJobSpec(spec: JsonObject): JsonObject {
  const edited = fill(spec, {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  })
  // A job's own defaults wait until the job is made; the pod's do not.
  return changeAt(edited, ['jobTemplate', 'spec'], (job) => defaultTemplate(job))
}

/** Without a manual selector a job owns the pods that carry its uid; the registry has set the uid before. */
function generateSelector(object: JsonObject): JsonObject {
  const { uid, name } = objectOf(object['metadata'])
  const spec = objectOf(object['spec'])
  if (spec['manualSelector'] === true) return object
  const labels = {
    'controller-uid': textOf(uid),
    'job-name': textOf(name),
    [`${BATCH_PREFIX}controller-uid`]: textOf(uid),
    [`${BATCH_PREFIX}job-name`]: textOf(name),
  }
  const template = objectOf(spec['template'])
  const metadata = objectOf(template['metadata'])
  const labelled = { ...metadata, labels: { ...labels, ...objectOf(metadata['labels']) } }
  const selector = objectOf(spec['selector'])
  const matchLabels = { ...objectOf(selector['matchLabels']), [`${BATCH_PREFIX}controller-uid`]: textOf(uid) }
  const generated = { ...spec, selector: { ...selector, matchLabels }, template: { ...template, metadata: labelled } }
  // What is read back is defaulted anew, and a job without labels takes those of its template.
  return change(put(object, 'spec', generated), 'metadata', (own) => {
    // Labels taken over by default are the very same map as the template's, so they get the generated ones too.
    const isShared = own['labels'] !== undefined && own['labels'] === metadata['labels']
    return isShared ? put(own, 'labels', labelled.labels) : fill(own, { labels: labelled.labels })
  })
}
