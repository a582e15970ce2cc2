// Says in an Event of the application who did what to it (server/application/application.go `logAppEvent`, v3.5.1).
import type { KubeObject } from '../../../kube/object.ts'
import type { Call } from '../../context.ts'
import { callerOf } from '../permissions.ts'

export type Reason =
  | 'ResourceCreated'
  | 'ResourceUpdated'
  | 'ResourceDeleted'
  | 'ResourceActionRan'
  | 'OperationStarted'

/** `<user> <text>`, as upstream words it. */
export function recordAction(call: Call, object: KubeObject, reason: Reason, text: string): void {
  call.context.recordEvent(object, reason, `${callerOf(call).username || 'Unknown user'} ${text}`)
}
