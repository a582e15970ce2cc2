// What was filled into an application's manifests on their way: where it stands, and how it is kept out of texts.
import { valuesAt, type JsonPath } from '../../diff/hide-values.ts'
import type { KubeObject } from '../../kube/object.ts'

export interface FilledSecrets {
  /** By object id (`keyText`). */
  readonly places: ReadonlyMap<string, readonly JsonPath[]>
  /** A text from elsewhere without the values. */
  readonly redact: (text: string) => string
}

export const NO_SECRETS: FilledSecrets = { places: new Map(), redact: (text) => text }

/** Everything that was filled into the objects, by their ids. */
export function filledValues(
  objects: Iterable<readonly [id: string, target: KubeObject | undefined]>,
  { places }: FilledSecrets,
): ReadonlySet<string> {
  const values = new Set<string>()
  if (places.size === 0) return values
  for (const [id, target] of objects) {
    const paths = places.get(id)
    if (target === undefined || paths === undefined) continue
    for (const value of valuesAt(target, paths)) values.add(value)
  }
  return values
}
