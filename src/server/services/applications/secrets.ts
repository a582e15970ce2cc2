// Keeps the values of Secrets out of answers.
import { hideSecretData } from '../../../diff/mask.ts'
import type { KubeObject } from '../../../kube/object.ts'

/** The object itself, or a Secret with every value masked. */
export function withoutSecretData(object: KubeObject): KubeObject {
  const isSecret = object.kind === 'Secret' && object.apiVersion === 'v1'
  return isSecret ? (hideSecretData(undefined, object).live ?? object) : object
}
