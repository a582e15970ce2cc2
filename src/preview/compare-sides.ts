// Two renderings of an application become what a person reads: objects added, removed and changed.
import { hideSecretData } from '../diff/mask.ts'
import { sortedJson } from '../kube/json-value.ts'
import { keyOf, keyText, type JsonValue, type KubeObject } from '../kube/object.ts'
import type { ResourceChange } from './contract.ts'

/** What differs between two sets of manifests, by kind, namespace and name; of a key that is there twice the last counts. */
export function compareManifests(
  before: readonly KubeObject[],
  after: readonly KubeObject[],
): readonly ResourceChange[] {
  const [old, wanted] = [byKey(before), byKey(after)]
  const keys = [...new Set([...old.keys(), ...wanted.keys()])].toSorted()
  return keys.flatMap((key) => compareObjects(old.get(key), wanted.get(key)))
}

/** Empty where both are alike. */
export function compareObjects(
  before: KubeObject | undefined,
  after: KubeObject | undefined,
): readonly ResourceChange[] {
  const one = after ?? before
  if (one === undefined || (before !== undefined && after !== undefined && textOf(before) === textOf(after))) return []
  const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
  const shown = one.kind === 'Secret' && one.apiVersion === 'v1' ? masked(before, after) : { before, after }
  return [
    {
      key: keyOf(one),
      change,
      ...(shown.before === undefined ? {} : { before: shown.before }),
      ...(shown.after === undefined ? {} : { after: shown.after }),
    },
  ]
}

function masked(
  before: KubeObject | undefined,
  after: KubeObject | undefined,
): { readonly before: KubeObject | undefined; readonly after: KubeObject | undefined } {
  const { wanted, live } = hideSecretData(after, before)
  return { before: live, after: wanted }
}

function byKey(manifests: readonly KubeObject[]): ReadonlyMap<string, KubeObject> {
  return new Map(manifests.map((manifest) => [keyText(keyOf(manifest)), manifest]))
}

function textOf(object: KubeObject): string {
  return sortedJson(object as unknown as JsonValue)
}
