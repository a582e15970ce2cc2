// The predicted object of a server-side diff: the dry run without what others than the field manager changed in it.
import { CapstanError } from '../base/errors.ts'
import { kindOf, type KubeObject } from '../kube/object.ts'
import type { TypeSchema } from '../kube/schema/schema.ts'
import { asJson, asObject } from './edit.ts'
import { extractOwned, ownedFields } from './managed-fields.ts'
import { keepPresent, mergeTyped } from './typed-merge.ts'

export interface DryRunInput {
  readonly dryRunResult: KubeObject
  readonly live: KubeObject
  readonly schema: TypeSchema | undefined
  readonly manager: string
}

/**
 * Fields the manager owns come from the dry run, what the dry run lacks goes, everything else stays as it is live
 * (gitops-engine `pkg/diff/diff.go` `removeWebhookMutation`, argo-cd v3.5.1).
 * Throws `precondition` where the dry run names no field of the manager.
 */
export function predictFromDryRun({ dryRunResult, live, schema, manager }: DryRunInput): KubeObject {
  const owned = ownedFields(dryRunResult, (entry) => entry['manager'] === manager)
  if (Object.keys(owned).length === 0) {
    const { kind } = kindOf(dryRunResult)
    const name = `${kind}/${dryRunResult.metadata.name ?? ''}`
    throw new CapstanError('precondition', `${name}: the dry run names no field of manager ${manager}; is it an apply?`)
  }
  const result = asJson(dryRunResult)
  const base = keepPresent(asJson(live), result, schema)
  return asObject(mergeTyped(base, extractOwned(result, owned, schema), schema))
}
