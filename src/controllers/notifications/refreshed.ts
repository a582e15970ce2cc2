// Whether an application's status tells of its last operation already (argo-cd notification_controller isAppSyncStatusRefreshed).
import { fieldsOf, textOf } from '../../notifications/options.ts'

const FINISHED: ReadonlySet<string> = new Set(['Failed', 'Error', 'Succeeded'])

/** False between the end of an operation and the comparison that follows it: what triggers would read is out of date. */
export function isRefreshed(application: object): boolean {
  const status = fieldsOf(fieldsOf(application)['status'])
  const operation = fieldsOf(status['operationState'])
  if (!FINISHED.has(textOf(operation, 'phase'))) return true
  const finished = Date.parse(textOf(operation, 'finishedAt'))
  if (Number.isNaN(finished)) return false
  return ['reconciledAt', 'observedAt'].some((name) => Date.parse(textOf(status, name)) >= finished)
}
