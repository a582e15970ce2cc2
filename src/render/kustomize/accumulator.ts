// What a kustomization has gathered: resources, field specs and vars (api/internal/accumulator/resaccumulator.go).
import { CapstanError } from '../../base/errors.ts'
import { inPlace } from './fault.ts'
import type { Var } from './kustomization.ts'
import { gvkOf, gvkText, idKey, isClusterScoped } from './res-id.ts'
import type { ResId } from './res-id.ts'
import { ResourceSet } from './resource-set.ts'
import type { TransformerConfig } from './transformer-config.ts'
import { EMPTY_CONFIG, mergeConfigs } from './transformer-config.ts'

export interface Accumulator {
  readonly set: ResourceSet
  config: TransformerConfig
  readonly vars: Map<string, Var>
}

export function newAccumulator(): Accumulator {
  return { set: new ResourceSet(), config: EMPTY_CONFIG, vars: new Map() }
}

/** Takes over all that a base has gathered. */
export function mergeAccumulator(into: Accumulator, from: Accumulator): void {
  into.set.appendAll(from.set.items)
  into.config = mergeConfigs(into.config, from.config)
  for (const variable of from.vars.values()) addVar(into, variable)
}

/** Adds the vars of a kustomization, and marks the resource that each reads from. */
export function addVars(into: Accumulator, vars: readonly Var[]): void {
  inPlace(`merging vars [${vars.map((one) => varText(one, false)).join(' ')}]`, () => {
    for (const variable of vars) markSource(into, variable)
    for (const variable of vars) addVar(into, variable)
  })
}

function addVar(into: Accumulator, variable: Var): void {
  const name = variable.name ?? ''
  if (into.vars.has(name)) throw new CapstanError('bad-input', `var '${name}' already encountered`)
  into.vars.set(name, variable)
}

function markSource(into: Accumulator, variable: Var): void {
  const id = sourceId(variable)
  const hasNamespace = id.namespace !== '' || isClusterScoped(id)
  const key = idKey(id)
  const matches = (other: ResId): boolean =>
    hasNamespace ? idKey(other) === key : idKey({ ...other, namespace: '' }) === key
  const found = into.set.withAnyId(matches)
  if (found.length > 1) {
    const message = `found ${found.length} resId matches for var ${varText(variable, true)} (unable to disambiguate)`
    throw new CapstanError('bad-input', message)
  }
  const [only] = found
  if (only !== undefined) only.varNames = [...only.varNames, variable.name ?? '']
}

function sourceId(variable: Var): ResId {
  const { apiVersion = '', group = '', version = '', kind = '', name = '', namespace = '' } = variable.objref ?? {}
  const gvk = apiVersion === '' ? { group, version, kind } : gvkOf(apiVersion, kind)
  return { ...gvk, name, namespace }
}

/** As Go prints a Var: of the object only its type, whose version it knows once it has looked for it. */
export function varText(variable: Var, isResolved: boolean): string {
  const { group, version, kind } = variable.objref ?? {}
  const type = gvkText(
    isResolved ? sourceId(variable) : { group: group ?? '', version: version ?? '', kind: kind ?? '' },
  )
  return `{${variable.name ?? ''} ${type} {${variable.fieldref?.fieldPath ?? ''}}}`
}
