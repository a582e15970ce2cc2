// Health of what runs to an end: pods, jobs, workflows (gitops-engine `pkg/health/health_*.go`, argo-cd v3.5.1).
import type { JsonObject, KubeObject } from '../kube/object.ts'
import { conditionOf, numberIn, objectAt, objectsIn, textIn } from './fields.ts'
import { healthOf, type Health } from './health.ts'

/** v1 Pod. The waiting reasons count only where the pod restarts for ever, or hooks that retry would fail at once. */
export function assessPod(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const restarts = textIn(objectAt(object, 'spec'), 'restartPolicy')
  if (restarts === 'Always') {
    const stuck = objectsIn(status, 'containerStatuses')
      .map((container) => objectAt(container, 'state', 'waiting'))
      .filter((waiting) => isErrorReason(textIn(waiting, 'reason')))
    if (stuck.length > 0) {
      return healthOf('Degraded', stuck.map((waiting) => textIn(waiting, 'message')).join(', '))
    }
  }
  return assessPhase(object, status, restarts)
}

function assessPhase(object: KubeObject, status: JsonObject, restarts: string): Health {
  const message = textIn(status, 'message')
  switch (status['phase']) {
    case 'Pending':
      return healthOf('Progressing', message)
    case 'Succeeded':
      return healthOf('Healthy', message)
    case 'Failed':
      return healthOf('Degraded', message === '' ? failureIn(status) : message)
    case 'Running':
      if (restarts === 'Always') return assessRunning(object, status, message)
      return healthOf(restarts === 'OnFailure' || restarts === 'Never' ? 'Progressing' : 'Unknown', message)
    default:
      return healthOf('Unknown', message)
  }
}

function assessRunning(object: KubeObject, status: JsonObject, message: string): Health {
  if (conditionOf(object, 'Ready')?.['status'] === 'True') return healthOf('Healthy', message)
  const hasEnded = objectsIn(status, 'containerStatuses').some((container) => {
    return Boolean(objectAt(container, 'lastState')['terminated'])
  })
  return healthOf(hasEnded ? 'Degraded' : 'Progressing', message)
}

function isErrorReason(reason: string): boolean {
  return reason.startsWith('Err') || reason.endsWith('Error') || reason.endsWith('BackOff')
}

/** Why the first failed container of a failed pod ended; empty where none says. */
function failureIn(status: JsonObject): string {
  for (const container of [...objectsIn(status, 'initContainerStatuses'), ...objectsIn(status, 'containerStatuses')]) {
    const ended = objectAt(container, 'state', 'terminated')
    const exitCode = numberIn(ended, 'exitCode')
    if (textIn(ended, 'message') !== '') return textIn(ended, 'message')
    if (ended['reason'] === 'OOMKilled') return 'OOMKilled'
    if (exitCode !== 0)
      return `container ${JSON.stringify(textIn(container, 'name'))} failed with exit code ${exitCode}`
  }
  return ''
}

/** batch/v1 Job. A Suspended condition counts as an end even when it is False, and its own message is not shown. */
export function assessJob(object: KubeObject): Health {
  let ended = false
  let isSuspended = false
  let failure: string | undefined
  let message = ''
  for (const condition of objectsIn(objectAt(object, 'status'), 'conditions')) {
    const type = textIn(condition, 'type')
    if (type !== 'Failed' && type !== 'Complete' && type !== 'Suspended') continue
    ended = true
    if (type === 'Failed') failure = textIn(condition, 'message')
    else message = textIn(condition, 'message')
    if (type === 'Suspended' && condition['status'] === 'True') isSuspended = true
  }
  if (!ended) return healthOf('Progressing')
  if (failure !== undefined) return healthOf('Degraded', failure)
  return isSuspended ? healthOf('Suspended') : healthOf('Healthy', message)
}

/** argoproj.io Workflow. */
export function assessWorkflow(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const message = textIn(status, 'message')
  switch (textIn(status, 'phase')) {
    case '':
    case 'Pending':
    case 'Running':
      return healthOf('Progressing', message)
    case 'Succeeded':
      return healthOf('Healthy', message)
    case 'Failed':
    case 'Error':
      return healthOf('Degraded', message)
    default:
      return healthOf('Unknown', message)
  }
}
