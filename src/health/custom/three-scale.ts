// Health of 3scale's kinds: the first condition that is True and known decides; texts are upstream's (argo-cd v3.5.1).
import { numberIn, objectAt, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'
import type { HealthStatusCode } from '../../crds/application.ts'
import type { KubeObject } from '../../kube/object.ts'
import {
  conditions,
  conditionsOf,
  hasCondition,
  is,
  rule,
  when,
  type Assess,
  type ConditionClause,
  type Test,
} from './rule-language.ts'

const WORDS: Readonly<Record<string, readonly [status: HealthStatusCode, text: string]>> = {
  Invalid: ['Degraded', 'configuration is invalid'],
  Orphan: ['Degraded', 'references non-existing resources'],
  Failed: ['Degraded', 'synchronization failed'],
  Waiting: ['Suspended', 'is waiting for approval'],
  'In-progress': ['Progressing', 'is in progress'],
}

interface ThreeScaleKind {
  /** The condition that means success. */
  readonly done?: 'Ready' | 'Synced'
  readonly others: readonly string[]
  /** What a failure without a message says, where it is not `synchronization failed`. */
  readonly failed?: string
}

const KINDS: Readonly<Record<string, ThreeScaleKind>> = {
  ActiveDoc: { others: ['Invalid', 'Orphan', 'Failed'] },
  ApplicationAuth: { others: ['Failed'], failed: '3scale ApplicationAuth failed' },
  Backend: { done: 'Synced', others: ['Invalid', 'Failed'] },
  CustomPolicyDefinition: { others: ['Invalid', 'Failed'] },
  DeveloperAccount: { others: ['Invalid', 'Failed', 'Waiting'] },
  DeveloperUser: { others: ['Invalid', 'Orphan', 'Failed'] },
  OpenAPI: { others: ['Invalid', 'Failed'], failed: '3scale OpenAPI reconciliation failed' },
  Product: { done: 'Synced', others: ['Invalid', 'Orphan', 'Failed'] },
  // The misspelt name is upstream's, and clients see it.
  ProxyConfigPromote: { others: ['In-progress', 'Failed'], failed: '3cale ProxyConfigPromote failed' },
}

function threeScale(kind: string, { done = 'Ready', others, failed }: ThreeScaleKind): Assess {
  const clauses = others.map((type): ConditionClause => {
    const [status, text] = WORDS[type] ?? ['Unknown', '']
    const said = type === 'Failed' ? failed : undefined
    return [`${type}=True`, status, `{.message|${said ?? `3scale ${kind} ${text}`}}`]
  })
  return rule(
    ['Progressing', `Waiting for 3scale ${kind} status...`],
    conditions([`${done}=True`, 'Healthy', `3scale ${kind} is ${done.toLowerCase()}`], ...clauses),
  )
}

/** An id that the portal has given. */
function hasId(field: string): Test {
  return (object) => numberIn(objectAt(object, 'status'), field) > 0
}

/** One that was created stays what it is while it is not ready. */
function assessApplication(object: KubeObject): Health {
  const waiting = healthOf('Progressing', 'Waiting for 3scale Application status...')
  const status = objectAt(object, 'status')
  if (status['state'] === 'suspended') return healthOf('Suspended', '3scale Application is suspended')
  const isCreated = hasId('adminId')(object)
  const told = conditionsOf(object).find(
    (condition) => condition['type'] === 'Ready' && (condition['status'] === 'True' || !isCreated),
  )
  if (told === undefined) return waiting
  if (told['status'] === 'True') return healthOf('Healthy', '3scale Application is ready')
  return healthOf('Degraded', textIn(told, 'message') || '3scale Application is not ready')
}

const developerUser = threeScale('DeveloperUser', KINDS['DeveloperUser'] ?? { others: [] })

export const threeScaleRules: Readonly<Record<string, Assess>> = {
  ...Object.fromEntries(
    Object.entries(KINDS).map(([kind, texts]) => [`capabilities.3scale.net/${kind}`, threeScale(kind, texts)]),
  ),
  'capabilities.3scale.net/Application': assessApplication,
  'capabilities.3scale.net/DeveloperUser': rule(
    ['Progressing', 'Waiting for 3scale DeveloperUser status...'],
    when(
      is('status.developerUserState', 'suspended'),
      'Suspended',
      '3scale Developer user is waiting for admin approval',
    ),
    developerUser,
  ),
  'capabilities.3scale.net/Tenant': rule(
    ['Progressing', 'Waiting for 3scale Tenant status...'],
    when([hasCondition('Ready=True'), hasId('tenantId'), hasId('adminId')], 'Healthy', '3scale Tenant is ready'),
    (object) => {
      const unmet = conditionsOf(object).find(({ type, status }) => type === 'Ready' && status !== 'True')
      return unmet && healthOf('Degraded', textIn(unmet, 'message') || '3scale Tenant is degraded')
    },
  ),
}
