// The sync policy of an application as switches, and back.
import type { ApplicationSpec } from '../../../src/crds/application.ts'
import { readOptions, writeOptions, type OptionChoice } from './sync-options.ts'

export interface PolicyForm {
  readonly isAutomatic: boolean
  readonly prune: boolean
  readonly selfHeal: boolean
  readonly allowEmpty: boolean
  readonly options: OptionChoice
}

export function readPolicy({ syncPolicy }: ApplicationSpec): PolicyForm {
  const { automated, syncOptions = [] } = syncPolicy ?? {}
  return {
    isAutomatic: automated !== undefined && automated.enabled !== false,
    prune: automated?.prune === true,
    selfHeal: automated?.selfHeal === true,
    allowEmpty: automated?.allowEmpty === true,
    options: readOptions(syncOptions),
  }
}

/** What the form does not know of the policy is kept. */
export function writePolicy(spec: ApplicationSpec, form: PolicyForm): ApplicationSpec {
  const { automated: _automated, syncOptions: _options, ...rest } = spec.syncPolicy ?? {}
  const syncOptions = writeOptions(form.options)
  const { isAutomatic, prune, selfHeal, allowEmpty } = form
  const policy = {
    ...rest,
    ...(isAutomatic ? { automated: { prune, selfHeal, ...(allowEmpty ? { allowEmpty } : {}) } } : {}),
    ...(syncOptions.length === 0 ? {} : { syncOptions }),
  }
  const { syncPolicy: _policy, ...others } = spec
  return Object.keys(policy).length === 0 ? others : { ...others, syncPolicy: policy }
}
