// Makes the answer of a comparison from its two sides.
import { deepEqual } from '../kube/json-value.ts'
import type { KubeObject } from '../kube/object.ts'
import type { Difference, DiffOptions } from './contract.ts'
import { asJson } from './edit.ts'
import { applyCurrentDefaults } from './legacy.ts'

/** Modified where the two are not equal as JSON. */
export function differenceOf(normalizedLive: KubeObject, predictedLive: KubeObject): Difference {
  const isSame = deepEqual(asJson(normalizedLive), asJson(predictedLive))
  return { isModified: !isSame, normalizedLive, predictedLive }
}

/** The object as the server's defaulting leaves it; as it is where no defaulting was given. */
export function withDefaults(object: KubeObject, { applyDefaults }: DiffOptions): KubeObject {
  return applyDefaults === undefined ? object : applyCurrentDefaults(object, applyDefaults)
}
