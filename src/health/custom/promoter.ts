// Health of GitOps Promoter's kinds: first that the controller has seen and accepted them, then how far the promotion is.
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { objectAt, objectsIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'
import { assessEnvironments, assessPolicy, assessStrategy } from './promoter-promotions.ts'
import { conditionsOf, type Assess } from './rule-language.ts'

/** A finalizer that a person may be tempted to remove: what it waits for, and what is lost. */
interface Finalizer {
  readonly wait: string
  readonly risk: string
}

/** The texts of a kind (argo-cd v3.5.1 `resource_customizations/promoter.argoproj.io`). */
interface PromoterKind {
  readonly initializing: string
  readonly deleting: string
  readonly finalizers?: Readonly<Record<string, Finalizer>>
  /** What is waited for while the condition speaks of an older spec: `Waiting for <observed> spec update …`. */
  readonly observed: string
  /** Before the message of a failed reconciliation, and of any other failure, whose reason follows. */
  readonly failed: readonly [reconciliation: string, other: string]
  /** Before reason and message of a condition that is Unknown; without it that counts as ready. */
  readonly unknown?: string
  readonly missing: string
  /** Default `Ready` alone. */
  readonly conditionTypes?: readonly string[]
  readonly whenReady: (object: KubeObject) => Health
}

function provider(kind: string, name: string, finalizer: readonly [name: string, wait: string]): PromoterKind {
  const risk = 'GitRepository objects can reference a provider that no longer exists.'
  return {
    initializing: `Initializing ${lowerFirst(name)}`,
    deleting: `${kind} is being deleted.`,
    finalizers: { [finalizer[0]]: { wait: finalizer[1], risk } },
    observed: kind,
    failed: [`${name} validation failed`, `${name} not ready`],
    unknown: `${name} readiness unknown`,
    missing: `${kind} Ready condition is missing`,
    whenReady: () => healthOf('Healthy', `${name} is ready`),
  }
}

/** An abbreviation keeps its capitals. */
function lowerFirst(name: string): string {
  return /^[A-Z]{2}/u.test(name) || name.startsWith('Git ') ? name : name.charAt(0).toLowerCase() + name.slice(1)
}

interface GateWords {
  /** Before what is unknown of the whole; default `<name> status`. */
  readonly unknown?: string
  /** Before what is said of branches; default the name. */
  readonly branches?: string
  /** Of branches that are through; default `passed`. */
  readonly passed?: string
}

/** Kinds that judge a commit branch by branch. */
function gate(kind: string, name: string, words: GateWords = {}): PromoterKind {
  const { unknown = `${name} status`, branches: of = name, passed = 'passed' } = words
  const branches = [`${of} failed`, `${of} pending`, `${of} ${passed}`] as const
  return {
    initializing: `Initializing ${name.charAt(0).toLowerCase()}${name.slice(1)}`,
    deleting: `${kind} is being deleted`,
    observed: kind,
    failed: [`${name} failed`, `${name} not ready`],
    unknown: `${unknown} unknown`,
    missing: `${kind} Ready condition is missing`,
    whenReady: (object) => assessEnvironments(object, `${name} reconciled`, branches),
  }
}

function plain(name: string, whenReady: PromoterKind['whenReady']): PromoterKind {
  const lower = name.startsWith('Argo CD') ? name : lowerFirst(name)
  return {
    initializing: `Initializing ${lower}`,
    deleting: `${name} is being deleted`,
    observed: lower,
    failed: [`${name} reconciliation failed`, `${name} reconciliation failed`],
    missing: `${name} is not ready yet`,
    whenReady,
  }
}

const KINDS: Readonly<Record<string, PromoterKind>> = {
  ArgoCDCommitStatus: plain('Argo CD commit status', assessTracking),
  ChangeTransferPolicy: {
    ...plain('Change transfer policy', assessPolicy),
    deleting: 'Change transfer policy is being deleted.',
    finalizers: {
      'changetransferpolicy.promoter.argoproj.io/finalizer': {
        wait: 'Waiting to clear related PullRequest finalizers and finish cleanup before this policy is removed.',
        risk: "The 'changetransferpolicy.promoter.argoproj.io/pullrequest-finalizer' finalizer may not be cleaned up from PullRequests owned by this ChangeTransferPolicy.",
      },
    },
  },
  ClusterScmProvider: provider('ClusterScmProvider', 'Cluster SCM provider', [
    'clusterscmprovider.promoter.argoproj.io/finalizer',
    'Waiting until no GitRepository still references this cluster-wide SCM provider.',
  ]),
  CommitStatus: plain('Commit status', (object) => {
    const { sha, phase } = objectAt(object, 'status')
    if (typeof sha !== 'string' || typeof phase !== 'string') return healthOf('Healthy', 'Commit status is healthy')
    return healthOf('Healthy', `Commit status for commit ${sha} reports ${phase}`)
  }),
  GitCommitStatus: gate('GitCommitStatus', 'Git commit validation'),
  GitRepository: {
    ...provider('GitRepository', 'Git repository', ['', '']),
    finalizers: {
      'gitrepository.promoter.argoproj.io/finalizer': {
        wait: 'Waiting until no non-deleting PullRequests still reference this repository.',
        risk: 'repository metadata may be removed while promotions still depend on it.',
      },
    },
  },
  PromotionStrategy: plain('Promotion strategy', assessStrategy),
  PullRequest: {
    ...plain('Pull request', (object) => {
      const { id, state } = objectAt(object, 'status')
      if (typeof id !== 'string' || typeof state !== 'string') return healthOf('Healthy', 'Pull request is healthy')
      return healthOf('Healthy', `Pull request is ${state} as PR ${id}`)
    }),
    deleting: 'Pull request is being deleted.',
    conditionTypes: ['Reconciled', 'Ready'],
    finalizers: {
      'pullrequest.promoter.argoproj.io/finalizer': {
        wait: 'Waiting for SCM closure or reconciliation of the pull request.',
        risk: 'the real PR can stay open after the CR is gone.',
      },
      'changetransferpolicy.promoter.argoproj.io/pullrequest-finalizer': {
        wait: 'Waiting for the ChangeTransferPolicy to observe PR identity and state.',
        risk: 'promotion status or history can be wrong or racy.',
      },
    },
  },
  ScmProvider: provider('ScmProvider', 'SCM provider', [
    'scmprovider.promoter.argoproj.io/finalizer',
    'Waiting until no GitRepository in this namespace still references this provider.',
  ]),
  TimedCommitStatus: gate('TimedCommitStatus', 'Timed commit gate', { passed: 'satisfied' }),
  WebRequestCommitStatus: gate('WebRequestCommitStatus', 'Web request commit validation', {
    unknown: 'Web request commit validation',
    branches: 'Web request validation',
  }),
}

export const promoterRules: Readonly<Record<string, Assess>> = Object.fromEntries(
  Object.entries(KINDS).map(([kind, texts]) => [
    `promoter.argoproj.io/${kind}`,
    (object: KubeObject) => assessPromoter(object, texts),
  ]),
)

function assessPromoter(object: KubeObject, texts: PromoterKind): Health {
  const { initializing, missing, conditionTypes = ['Ready'], whenReady } = texts
  if (object.metadata.deletionTimestamp) return healthOf('Progressing', describeDeletion(object, texts))
  if (!('status' in object)) return healthOf('Progressing', initializing)
  const ready = conditionsOf(object).filter(({ type }) => conditionTypes.some((wanted) => wanted === type))
  if (ready.length === 0) return healthOf('Progressing', missing)
  for (const condition of ready) {
    const problem = judgeCondition(object, condition, texts)
    if (problem !== undefined) return problem
  }
  return whenReady(object)
}

function describeDeletion({ metadata }: KubeObject, { deleting, finalizers = {} }: PromoterKind): string {
  const told = (metadata.finalizers ?? []).filter((name) => Object.hasOwn(finalizers, name))
  const parts = told.map((name) => {
    const { wait = '', risk = '' } = finalizers[name] ?? {}
    return `${name}: ${wait} Risk if removed manually: ${risk}`
  })
  return [deleting, ...parts].join(' ')
}

function judgeCondition(object: KubeObject, condition: JsonObject, texts: PromoterKind): Health | undefined {
  const { generation } = object.metadata
  const { observedGeneration, status } = condition
  if (typeof observedGeneration === 'number' && generation !== undefined && observedGeneration !== generation) {
    return healthOf('Progressing', `Waiting for ${texts.observed} spec update to be observed`)
  }
  const reason = textOr(condition, 'reason', 'Unknown')
  if (status === 'False') {
    const message = textOr(condition, 'message', 'Unknown error')
    const [reconciliation, other] = texts.failed
    const isReconciliation = reason === 'ReconciliationError'
    return healthOf('Degraded', isReconciliation ? `${reconciliation}: ${message}` : `${other} (${reason}): ${message}`)
  }
  if (status !== 'Unknown' || texts.unknown === undefined) return undefined
  return healthOf('Progressing', `${texts.unknown} (${reason}): ${textOr(condition, 'message', 'Unknown')}`)
}

/** An empty text is a text. */
function textOr(condition: JsonObject, field: string, text: string): string {
  const value = condition[field]
  return typeof value === 'string' ? value : text
}

function assessTracking(object: KubeObject): Health {
  const count = objectsIn(objectAt(object, 'status'), 'applicationsSelected').length
  if (count === 0) return healthOf('Degraded', 'Argo CD commit status has no applications configured')
  return healthOf('Healthy', `Argo CD commit status is healthy and is tracking ${count} applications`)
}
