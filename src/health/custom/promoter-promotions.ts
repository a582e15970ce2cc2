// How far a promotion is: environments of a gate, a policy and a strategy (GitOps Promoter; texts of argo-cd v3.5.1).
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { objectAt, objectsIn, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'

/** A gate over the branches of all environments: one that failed outweighs those that wait. */
export function assessEnvironments(
  object: KubeObject,
  reconciled: string,
  [failedText, pendingText, passedText]: readonly [failed: string, pending: string, passed: string],
): Health {
  const environments = objectsIn(objectAt(object, 'status'), 'environments')
  if (environments.length === 0) return healthOf('Healthy', reconciled)
  const inPhase = (isWanted: (phase: string) => boolean): string[] =>
    environments
      .filter((environment) => isWanted(textIn(environment, 'phase')))
      .map((environment) => textIn(environment, 'branch') || '?')
  const failed = inPhase((phase) => phase === 'failure')
  if (failed.length > 0) return healthOf('Degraded', `${failedText} for branch(es): ${failed.join(', ')}`)
  const pending = inPhase((phase) => phase !== 'success')
  if (pending.length > 0) return healthOf('Progressing', `${pendingText} for branch(es): ${pending.join(', ')}`)
  return healthOf('Healthy', `${passedText} for ${environments.length} environment(s)`)
}

/** ChangeTransferPolicy: one environment. */
export function assessPolicy(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const [active, proposed] = [shaOf(status, 'active'), shaOf(status, 'proposed')]
  if (active === '') return healthOf('Progressing', 'The active commit DRY SHA is missing or empty.')
  if (proposed === '') return healthOf('Progressing', 'The proposed commit DRY SHA is missing or empty.')
  if (proposed !== active) {
    const text = `Promotion in progress from '${short(active)}' to '${short(proposed)}': `
    return healthOf('Progressing', text + describeChecks(checksOf(status, 'proposed')))
  }
  const checks = checksOf(status, 'active')
  if (checks.pending.length + checks.failed.length > 0) {
    const text = 'Environment is up-to-date, but there are non-successful active commit statuses: '
    return healthOf('Healthy', text + describeChecks(checks))
  }
  return healthOf('Healthy', `Environment is up-to-date on commit ${short(active)}.`)
}

/** PromotionStrategy: all environments, in their order. */
export function assessStrategy(object: KubeObject): Health {
  const environments = objectsIn(objectAt(object, 'status'), 'environments')
  const [first] = environments
  if (first === undefined) return healthOf('Degraded', 'Promotion strategy has no environments configured')
  for (const environment of environments) {
    const which = missingSha(environment)
    if (which !== undefined) {
      const branch = textIn(environment, 'branch')
      return healthOf('Progressing', `The ${which} commit DRY SHA is missing or empty in environment '${branch}'.`)
    }
  }
  const hydrated = hydratedSha(first)
  if (environments.some((environment) => hydratedSha(environment) !== hydrated)) {
    return healthOf(
      'Progressing',
      'Not all environments have the same proposed commit SHA. This likely means the hydrator has not run for all environments yet.',
    )
  }
  const moving = environments.find((environment) => shaOf(environment, 'proposed') !== shaOf(environment, 'active'))
  return moving === undefined ? assessSettled(environments, first) : describeMove(moving)
}

function missingSha(environment: JsonObject): string | undefined {
  if (shaOf(environment, 'active') === '') return 'active'
  return hydratedSha(environment) === '' ? 'proposed' : undefined
}

function describeMove(environment: JsonObject): Health {
  const [from, to] = [short(shaOf(environment, 'active')), short(shaOf(environment, 'proposed'))]
  const text = `Promotion in progress for environment '${textIn(environment, 'branch')}' from '${from}' to '${to}': `
  const hydrator = `Hydrator has processed dry commit '${short(hydratedSha(environment))}'. `
  return healthOf('Progressing', text + describeChecks(checksOf(environment, 'proposed')) + hydrator)
}

function assessSettled(environments: readonly JsonObject[], first: JsonObject): Health {
  const open = new Map<string, string>()
  for (const environment of environments) {
    const { pending, failed } = checksOf(environment, 'active')
    if (pending.length + failed.length === 0) continue
    const branch = textIn(environment, 'branch')
    open.set(branch, `${branch} (${failed.length} failed, ${pending.length} pending)`)
  }
  if (open.size > 0) {
    const text = 'Environments are up-to-date, but some environments have non-successful commit statuses: '
    return healthOf('Healthy', `${text}${[...open.values()].join(', ')}.`)
  }
  const active = short(shaOf(first, 'active'))
  return healthOf(
    'Healthy',
    `All environments are up-to-date on commit '${active}'. Hydrator has processed dry commit '${short(hydratedSha(first))}'.`,
  )
}

type Side = 'active' | 'proposed'

function shaOf(environment: JsonObject, side: Side): string {
  return textIn(objectAt(environment, side, 'dry'), 'sha')
}

/** The note of the hydrator is newer than the commit it has not written yet. */
function hydratedSha(environment: JsonObject): string {
  return textIn(objectAt(environment, 'proposed', 'note'), 'drySha') || shaOf(environment, 'proposed')
}

function short(sha: string): string {
  return sha.slice(0, 7)
}

interface Checks {
  readonly pending: readonly string[]
  readonly failed: readonly string[]
  readonly passed: number
}

function checksOf(environment: JsonObject, side: Side): Checks {
  const statuses = objectsIn(objectAt(environment, side), 'commitStatuses')
  const keys = (phase: string): readonly string[] =>
    statuses.filter((status) => status['phase'] === phase).map((status) => textIn(status, 'key'))
  return { pending: keys('pending'), failed: keys('failure'), passed: keys('success').length }
}

function describeChecks({ pending, failed, passed }: Checks): string {
  const counts = `${pending.length} pending, ${passed} successful, ${failed.length} failed. `
  const waiting = pending.length === 0 ? '' : `Pending commit statuses: ${pending.join(', ')}. `
  const broken = failed.length === 0 ? '' : `Failed commit statuses: ${failed.join(', ')}. `
  return counts + waiting + broken
}
