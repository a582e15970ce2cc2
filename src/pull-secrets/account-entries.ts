// Changes of a ServiceAccount's imagePullSecrets: a JSON patch that holds for the state it was made from alone.
import { PULL_SECRET_PREFIX } from '../diff/pull-secret-entries.ts'
import type { JsonObject, KubeObject } from '../kube/object.ts'

/** A ServiceAccount as far as it matters here. */
export interface AccountView extends KubeObject {
  readonly imagePullSecrets?: readonly { readonly name?: string }[]
}

export interface EntryChange {
  readonly add: readonly string[]
  readonly remove: readonly string[]
}

/** What is to be done so that the names wanted are in the list and none of `unwanted`; others' entries count as they stand. */
export function entryChange(account: AccountView, wanted: readonly string[], unwanted: readonly string[]): EntryChange {
  const present = new Set(namesIn(account))
  return {
    add: [...new Set(wanted)].filter((name) => !present.has(name)),
    remove: [...new Set(unwanted)].filter((name) => present.has(name) && !wanted.includes(name)),
  }
}

/** Undefined where nothing is to be done. Every entry of a name to remove goes; each name is added once. */
export function entryPatch(account: AccountView, { add, remove }: EntryChange): readonly JsonObject[] | undefined {
  const list = account.imagePullSecrets
  const gone = new Set(remove)
  // From the end, so that the places before stay what they were.
  const places = (list ?? []).flatMap(({ name = '' }, index) => (gone.has(name) ? [index] : [])).toReversed()
  if (add.length === 0 && places.length === 0) return undefined
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: account.metadata.resourceVersion ?? '' },
    ...places.map((index) => ({ op: 'remove', path: `/imagePullSecrets/${index}` })),
    ...(list === undefined && add.length > 0 ? [{ op: 'add', path: '/imagePullSecrets', value: [] }] : []),
    ...add.map((name) => ({ op: 'add', path: '/imagePullSecrets/-', value: { name } })),
  ]
}

/** Names of propagated Secrets in the list, each once. */
export function propagatedIn(account: AccountView): readonly string[] {
  return [...new Set(namesIn(account).filter((name) => name.startsWith(PULL_SECRET_PREFIX)))]
}

function namesIn({ imagePullSecrets }: AccountView): readonly string[] {
  return (imagePullSecrets ?? []).map(({ name = '' }) => name)
}
