// Kinds with several conditions of which the first that speaks decides.
import type { HealthStatusCode } from '../../crds/application.ts'
import type { KubeObject } from '../../kube/object.ts'
import { conditionOf, objectAt, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'

/** The text is used where the condition has no message of its own. */
type Check = readonly [type: string, value: string, status: HealthStatusCode, text: string]

interface CheckRule {
  /** A word of the status that goes before all conditions: field, word, text; it means Suspended. */
  readonly suspended?: readonly [field: string, word: string, text: string]
  readonly checks: readonly Check[]
  readonly waiting: string
}

function threeScale(kind: string, done: 'ready' | 'synced', more: Pick<CheckRule, 'suspended'> = {}): CheckRule {
  const type = done === 'ready' ? 'Ready' : 'Synced'
  return {
    ...more,
    checks: [
      ['Failed', 'True', 'Degraded', `3scale ${kind} synchronization failed`],
      ['Invalid', 'True', 'Degraded', `3scale ${kind} configuration is invalid`],
      ['Waiting', 'True', 'Suspended', ''],
      ['In-progress', 'True', 'Progressing', ''],
      [type, 'True', 'Healthy', `3scale ${kind} is ${done}`],
      ['Ready', 'False', 'Degraded', ''],
    ],
    waiting: `Waiting for 3scale ${kind} status...`,
  }
}

const THREE_SCALE_READY = [
  'ActiveDoc',
  'ApplicationAuth',
  'CustomPolicyDefinition',
  'DeveloperAccount',
  'OpenAPI',
  'ProxyConfigPromote',
  'Tenant',
]

/** By group and kind; texts are upstream's (argo-cd v3.5.1 `resource_customizations`). */
const rules: Readonly<Record<string, CheckRule>> = {
  ...Object.fromEntries(
    THREE_SCALE_READY.map((kind) => [`capabilities.3scale.net/${kind}`, threeScale(kind, 'ready')]),
  ),
  'capabilities.3scale.net/Application': threeScale('Application', 'ready', {
    suspended: ['state', 'suspended', '3scale Application is suspended'],
  }),
  'capabilities.3scale.net/Backend': threeScale('Backend', 'synced'),
  'capabilities.3scale.net/DeveloperUser': threeScale('DeveloperUser', 'ready', {
    suspended: ['developerUserState', 'suspended', '3scale Developer user is waiting for admin approval'],
  }),
  'capabilities.3scale.net/Product': threeScale('Product', 'synced'),
}

/** The health by the first condition that speaks, or undefined for a kind without such a rule. */
export function assessByChecks(object: KubeObject, key: string): Health | undefined {
  const rule = Object.hasOwn(rules, key) ? rules[key] : undefined
  if (rule === undefined) return undefined
  const { suspended } = rule
  if (suspended !== undefined && textIn(objectAt(object, 'status'), suspended[0]) === suspended[1]) {
    return healthOf('Suspended', suspended[2])
  }
  for (const [type, value, status, text] of rule.checks) {
    const condition = conditionOf(object, type)
    if (condition?.['status'] === value) return healthOf(status, textIn(condition, 'message') || text)
  }
  return healthOf('Progressing', rule.waiting)
}
