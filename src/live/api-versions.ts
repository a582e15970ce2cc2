// What charts may ask of a cluster's API: names of group versions and of kinds in them.
import type { ResourceType } from '../kube/client/client.ts'

/** `apps/v1` and `apps/v1/Deployment` of every type, sorted. */
export function apiVersionsOf(types: readonly ResourceType[]): readonly string[] {
  const names = new Set<string>()
  for (const { group, version, kind } of types) {
    const groupVersion = group === '' ? version : `${group}/${version}`
    names.add(groupVersion).add(`${groupVersion}/${kind}`)
  }
  return [...names].toSorted()
}
