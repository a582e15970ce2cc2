// Finds and runs the actions of a live object: built in, by group and kind.
import { CapstanError } from '../base/errors.ts'
import { kindOf, type KubeObject } from '../kube/object.ts'
import { argoActions } from './argo.ts'
import type { ActionChange, ActionInput, ActionRule, ResourceAction } from './contract.ts'
import { numaprojActions } from './numaproj.ts'
import { operatorActions } from './operators.ts'
import { workloadActions } from './workloads.ts'

const rules: ReadonlyMap<string, readonly ActionRule[]> = new Map(
  [workloadActions, argoActions, operatorActions, numaprojActions].flatMap((table) => Object.entries(table)),
)

function rulesOf(object: KubeObject): readonly ActionRule[] {
  const { group, kind } = kindOf(object)
  return rules.get(`${group}/${kind}`) ?? []
}

/** What may be done to the object now; disabled entries are listed, too. */
export function discoverActions(object: KubeObject): readonly ResourceAction[] {
  return rulesOf(object).flatMap(({ name, describe }) => {
    const described = describe(object)
    return described === undefined ? [] : [{ name, ...described }]
  })
}

/**
 * What the action does to the cluster, in the order it is to be done. An action that is disabled or not offered runs all the
 * same, as upstream's does: the state may have changed since it was listed. Throws `not-found` for an action the kind lacks.
 */
export function runAction(object: KubeObject, name: string, input: ActionInput): readonly ActionChange[] {
  const rule = rulesOf(object).find((each) => each.name === name)
  if (rule === undefined) throw actionNotFound(object, name)
  return asChanges(rule.run(object, input))
}

/** One object stands for a patch of the one the action ran on. */
export function asChanges(result: KubeObject | readonly ActionChange[]): readonly ActionChange[] {
  return isList(result) ? result : [{ operation: 'patch', object: result }]
}

function isList(value: KubeObject | readonly ActionChange[]): value is readonly ActionChange[] {
  return Array.isArray(value)
}

export function actionNotFound(object: KubeObject, name: string): CapstanError {
  return new CapstanError('not-found', `${object.kind} has no action ${name}`)
}
