// Actions on built-in kinds: restart, scale, pause, run now (argo-cd v3.5.1 `resource_customizations/{apps,batch}`).
import type { JsonObject, JsonValue, KubeObject } from '../kube/object.ts'
import type { ActionChange, ActionInput, ActionRule } from './contract.ts'
import { fieldAt, withField } from './edit.ts'
import {
  action,
  isoTime,
  isTrue,
  nameTime,
  not,
  numberParameter,
  remove,
  set,
  stamp,
  type Test,
} from './rule-language.ts'

const restart = action(
  'restart',
  stamp(['spec', 'template', 'metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt']),
  { iconClass: 'fa fa-fw fa-redo' },
)

const scale = action(
  'scale',
  (object, { parameters }) => withField(object, ['spec', 'replicas'], numberParameter(parameters['replicas'])),
  { iconClass: 'fa fa-fw fa-plus-circle', params: [{ name: 'replicas' }] },
)

const isPaused = isTrue('spec', 'paused')
const isSuspended = isTrue('spec', 'suspend')
const SUSPEND = ['spec', 'suspend']

const PAUSE_ICON = { iconClass: 'fa fa-fw fa-pause' }
const PLAY_ICON = { iconClass: 'fa fa-fw fa-play' }

/** What no longer runs, or was told to end. */
const FINAL_CONDITIONS = ['Complete', 'Failed', 'FailureTarget', 'SuccessCriteriaMet']

const isEnded: Test = (object) =>
  conditionsOf(object).some(
    (condition) =>
      FINAL_CONDITIONS.includes(String(fieldAt(condition, 'type'))) && fieldAt(condition, 'status') === 'True',
  )

const hasStatus: Test = (object) => fieldAt(object, 'status') !== undefined

function conditionsOf(object: KubeObject): readonly JsonValue[] {
  const conditions = fieldAt(object, 'status', 'conditions')
  return Array.isArray(conditions) ? conditions : []
}

/** The job controller ends a job that has this condition. */
function terminate(object: KubeObject, { now }: ActionInput): KubeObject {
  if (!hasStatus(object) || isEnded(object)) return object
  const condition = {
    lastTransitionTime: isoTime(now),
    message: 'Job was terminated explicitly through Argo CD',
    reason: 'ManuallyTerminated',
    status: 'True',
    type: 'FailureTarget',
  }
  return withField(object, ['status', 'conditions'], [...conditionsOf(object), condition])
}

function createJob(object: KubeObject, { now }: ActionInput): readonly ActionChange[] {
  const { apiVersion, kind, metadata } = object
  const template = withoutEmpty(fieldAt(object, 'spec', 'jobTemplate') as JsonValue) ?? {}
  const given = asMap(fieldAt(template, 'metadata'))
  const { name = '', uid } = metadata
  const owner = {
    apiVersion,
    kind,
    name,
    ...(uid === undefined ? {} : { uid }),
    blockOwnerDeletion: true,
    controller: true,
  }
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      ...given,
      name: `${name}-${nameTime(now, 2)}`,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      annotations: { ...asMap(given['annotations']), 'cronjob.kubernetes.io/instantiate': 'manual' },
      ownerReferences: [owner],
    },
    spec: asMap(fieldAt(template, 'spec')),
  }
  return [{ operation: 'create', object: job as KubeObject }] // metadata as the template of the cron job has it
}

/** Without maps and lists that hold nothing, which upstream's copies lose. */
export function withoutEmpty(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return value ?? undefined
  if (Array.isArray(value)) {
    const items = value.map((item) => withoutEmpty(item)).filter((item) => item !== undefined)
    return items.length === 0 ? undefined : items
  }
  const entries = Object.entries(value)
    .map(([key, held]) => [key, withoutEmpty(held)] as const)
    .filter((entry): entry is [string, JsonValue] => entry[1] !== undefined)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

export function asMap(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

/** A suspended one goes on; another stays as it is. */
export const resume: ActionRule['run'] = (object) => (isSuspended(object) ? withField(object, SUSPEND, false) : object)

export const workloadActions: Readonly<Record<string, readonly ActionRule[]>> = {
  'apps/DaemonSet': [restart],
  'apps/Deployment': [
    restart,
    action('pause', set(['spec', 'paused'], true), { disabledWhen: isPaused, iconClass: 'fa fa-fw fa-pause-circle' }),
    action('resume', remove(['spec', 'paused']), {
      disabledWhen: not(isPaused),
      iconClass: 'fa fa-fw fa-play-circle',
    }),
    scale,
  ],
  'apps/StatefulSet': [restart, scale],
  'batch/CronJob': [
    action('create-job', createJob, { iconClass: 'fa fa-fw fa-plus', displayName: 'Create Job' }),
    action('suspend', set(SUSPEND, true), { ...PAUSE_ICON, offeredWhen: not(isSuspended) }),
    action('resume', resume, { ...PLAY_ICON, offeredWhen: isSuspended }),
  ],
  'batch/Job': [
    action('suspend', set(SUSPEND, true), {
      ...PAUSE_ICON,
      offeredWhen: (object) => !isEnded(object) && !isSuspended(object),
    }),
    action('resume', resume, { ...PLAY_ICON, offeredWhen: (object) => !isEnded(object) && isSuspended(object) }),
    action('terminate', terminate, {
      iconClass: 'fa fa-fw fa-stop',
      offeredWhen: (object) => hasStatus(object) && !isEnded(object),
    }),
  ],
}
