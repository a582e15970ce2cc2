// Actions on the Argo family's own kinds: rollouts, analysis runs, workflows, applications, promotions.
import { objectAt } from '../health/fields.ts'
import type { KubeObject } from '../kube/object.ts'
import type { ActionChange, ActionInput, ActionRule } from './contract.ts'
import { fieldAt, withField, withoutEmpty, withoutField } from './edit.ts'
import { action, isoTime, nameTime, not, remove, set, stamp, type Test } from './rule-language.ts'

function lengthAt(object: KubeObject, ...path: readonly string[]): number | undefined {
  const list = fieldAt(object, ...path)
  return Array.isArray(list) ? list.length : undefined
}

const STEPS = ['spec', 'strategy', 'canary', 'steps']
const PAUSE_CONDITIONS = ['status', 'pauseConditions']

const isPaused: Test = (object) => {
  const conditions = lengthAt(object, ...PAUSE_CONDITIONS)
  return conditions === undefined ? fieldAt(object, 'spec', 'paused') === true : conditions > 0
}
const isAborted: Test = (object) => fieldAt(object, 'status', 'abort') === true
const isPromoted: Test = (object) =>
  fieldAt(object, 'status', 'currentPodHash') === fieldAt(object, 'status', 'stableRS')

/** Before v0.10 the observed generation was a hash, and there was no `promoteFull`. */
const isOfOldVersion: Test = (object) => {
  const observed = fieldAt(object, 'status', 'observedGeneration')
  const number = observed === undefined || observed === '' ? Number.NaN : Number(observed)
  return Number.isNaN(number) || number > (object.metadata.generation ?? 0)
}

const isFullPromotionClosed: Test = (object) => {
  if (fieldAt(object, 'status') === undefined || isPromoted(object)) return true
  return isOfOldVersion(object) && fieldAt(object, 'spec', 'strategy', 'blueGreen') !== undefined
}

const isAtLastStep: Test = (object) => {
  const count = lengthAt(object, ...STEPS)
  return count === undefined || fieldAt(object, 'status', 'currentStepIndex') === count
}

function promoteFull(object: KubeObject): KubeObject {
  if (fieldAt(object, 'status') === undefined) return object
  if (!isOfOldVersion(object)) return withField(object, ['status', 'promoteFull'], true)
  const going = withoutField(object, ['status', 'abort'])
  const count = lengthAt(object, ...STEPS)
  return count === undefined ? going : withField(going, ['status', 'currentStepIndex'], count)
}

function resumeRollout(object: KubeObject): KubeObject {
  const going = withoutPause(object)
  return fieldAt(object, 'spec', 'paused') === true ? withField(going, ['spec', 'paused'], false) : going
}

function withoutPause(object: KubeObject): KubeObject {
  return (lengthAt(object, ...PAUSE_CONDITIONS) ?? 0) > 0 ? withoutField(object, PAUSE_CONDITIONS) : object
}

function skipStep(object: KubeObject): KubeObject {
  const count = lengthAt(object, ...STEPS)
  const index = Number(fieldAt(object, 'status', 'currentStepIndex') ?? 0)
  if (count === undefined || index >= count) return object
  return withField(withoutPause(object), ['status', 'currentStepIndex'], index + 1)
}

const DONE_PHASES: readonly unknown[] = ['Successful', 'Failed', 'Error', 'Inconclusive']

/** One that is of the given metadata and owned by what it was made from. */
function workflowOf(source: KubeObject, { now }: ActionInput, rest: object): readonly ActionChange[] {
  const { apiVersion, kind, metadata } = source
  const { name = '', namespace, uid } = metadata
  const { metadata: more, ...fields } = rest as { metadata: object }
  const workflow = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    ...fields,
    metadata: {
      ...more,
      name: `${name}-${nameTime(now, 4)}`,
      ...(namespace === undefined ? {} : { namespace }),
      ownerReferences: [{ apiVersion, kind, name, ...(uid === undefined ? {} : { uid }) }],
    },
  }
  return [{ operation: 'create', object: workflow as KubeObject }] // built from an object of the cluster
}

const INSTANCE_ID = 'workflows.argoproj.io/controller-instanceid'

function runCronWorkflow(object: KubeObject, input: ActionInput): readonly ActionChange[] {
  const given = objectAt(withoutEmpty(objectAt(object, 'spec', 'workflowMetadata')))
  const instance = object.metadata.labels?.[INSTANCE_ID]
  const { finalizers } = given
  return workflowOf(object, input, {
    // Upstream writes them here, where the cluster drops them; they belong into the metadata.
    ...(finalizers === undefined ? {} : { finalizers }),
    metadata: {
      labels: {
        ...objectAt(given, 'labels'),
        'workflows.argoproj.io/cron-workflow': object.metadata.name ?? '',
        ...(instance === undefined ? {} : { [INSTANCE_ID]: instance }),
      },
      annotations: { ...objectAt(given, 'annotations'), 'workflows.argoproj.io/scheduled-time': isoTime(input.now) },
      ...(finalizers === undefined ? {} : { finalizers }),
    },
    spec: objectAt(withoutEmpty(objectAt(object, 'spec', 'workflowSpec'))),
  })
}

function runTemplate(object: KubeObject, input: ActionInput): readonly ActionChange[] {
  const { name = '' } = object.metadata
  return workflowOf(object, input, {
    metadata: { labels: { 'workflows.argoproj.io/workflow-template': name } },
    spec: { workflowTemplateRef: { name } },
  })
}

const isAutomated: Test = (object) => {
  const automated = fieldAt(object, 'spec', 'syncPolicy', 'automated')
  return automated !== undefined && (fieldAt(automated, 'enabled') ?? true) === true
}

const toggleAutoSync: ActionRule = {
  name: 'toggle-auto-sync',
  describe: (object) => ({
    displayName: isAutomated(object) ? 'Disable Auto-Sync' : 'Enable Auto-Sync',
    disabled: false,
  }),
  run: (object) => withField(object, ['spec', 'syncPolicy', 'automated', 'enabled'], !isAutomated(object)),
}

const CREATE_WORKFLOW = { iconClass: 'fa fa-fw fa-plus', displayName: 'Create Workflow' }

export const argoActions: Readonly<Record<string, readonly ActionRule[]>> = {
  'argoproj.io/AnalysisRun': [
    action('terminate', set(['spec', 'terminate'], true), {
      disabledWhen: (object) =>
        fieldAt(object, 'spec', 'terminate') === true || DONE_PHASES.includes(fieldAt(object, 'status', 'phase')),
    }),
  ],
  'argoproj.io/Application': [toggleAutoSync],
  'argoproj.io/CronWorkflow': [action('create-workflow', runCronWorkflow, CREATE_WORKFLOW)],
  'argoproj.io/Rollout': [
    action('restart', stamp(['spec', 'restartAt']), { displayName: 'Restart Pods', disabledWhen: () => false }),
    action('resume', resumeRollout, { disabledWhen: not(isPaused) }),
    action('abort', set(['status', 'abort'], true), {
      disabledWhen: (object) => isPromoted(object) || isAborted(object),
    }),
    action('retry', remove(['status', 'abort']), {
      disabledWhen: (object) => isPromoted(object) || !isAborted(object),
    }),
    action('pause', set(['spec', 'paused'], true), {
      disabledWhen: (object) => isPromoted(object) || isAborted(object) || fieldAt(object, 'spec', 'paused') === true,
    }),
    action('promote-full', promoteFull, { disabledWhen: isFullPromotionClosed }),
    action('skip-current-step', skipStep, { disabledWhen: isAtLastStep }),
  ],
  'argoproj.io/WorkflowTemplate': [action('create-workflow', runTemplate, CREATE_WORKFLOW)],
  'promoter.argoproj.io/PullRequest': [
    action('merge', set(['spec', 'state'], 'merged'), {
      iconClass: 'fa fa-fw fa-code-merge',
      displayName: 'Merge PR',
      disabledWhen: (object) => fieldAt(object, 'spec', 'state') !== 'open',
    }),
  ],
}
