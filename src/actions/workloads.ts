// Actions on built-in kinds: restart, scale, pause, run now (argo-cd v3.5.1 `resource_customizations/{apps,batch}`).
import { objectAt } from '../health/fields.ts'
import type { JsonValue, KubeObject } from '../kube/object.ts'
import type { ActionChange, ActionInput, ActionRule } from './contract.ts'
import { fieldAt, withField, withoutEmpty } from './edit.ts'
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
import { isSuspended, PAUSE_CIRCLE, PAUSE_ICON, PLAY_CIRCLE, PLAY_ICON, resume, suspend } from './suspension.ts'

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
  const given = objectAt(template, 'metadata')
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
      annotations: { ...objectAt(given, 'annotations'), 'cronjob.kubernetes.io/instantiate': 'manual' },
      ownerReferences: [owner],
    },
    spec: objectAt(template, 'spec'),
  }
  return [{ operation: 'create', object: job as KubeObject }] // metadata as the template of the cron job has it
}

export const workloadActions: Readonly<Record<string, readonly ActionRule[]>> = {
  'apps/DaemonSet': [restart],
  'apps/Deployment': [
    restart,
    action('pause', set(['spec', 'paused'], true), { disabledWhen: isPaused, ...PAUSE_CIRCLE }),
    action('resume', remove(['spec', 'paused']), {
      disabledWhen: not(isPaused),
      ...PLAY_CIRCLE,
    }),
    scale,
  ],
  'apps/StatefulSet': [restart, scale],
  'batch/CronJob': [
    action('create-job', createJob, { iconClass: 'fa fa-fw fa-plus', displayName: 'Create Job' }),
    action('suspend', suspend, { ...PAUSE_ICON, offeredWhen: not(isSuspended) }),
    action('resume', resume, { ...PLAY_ICON, offeredWhen: isSuspended }),
  ],
  'batch/Job': [
    action('suspend', suspend, {
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
