// Rules that hide fields from a comparison: which fit an object, and what they remove from it.
import { matchesGlob } from '../base/glob.ts'
import { CapstanError, messageOf } from '../base/errors.ts'
import { keyOf, type KubeObject } from '../kube/object.ts'
import type { DeleteByJq, IgnoreRule } from './contract.ts'
import { asJson, asObject, removeAt } from './edit.ts'

/** The rules whose group, kind, name and namespace fit the object (argo-cd v3.5.1 `util/argo/normalizers`). */
export function rulesFor(rules: readonly IgnoreRule[], object: KubeObject): readonly IgnoreRule[] {
  if (rules.length === 0) return rules
  const key = keyOf(object)
  return rules.filter((rule) => {
    if (rule.name && rule.name !== key.name) return false
    if (rule.namespace && rule.namespace !== key.namespace) return false
    return matchesGlob(rule.kind, key.kind) && matchesGlob(rule.group, key.group)
  })
}

/**
 * The object without the fields that the rules' JSON pointers and jq expressions name; a path that is not there is no error.
 * Throws `bad-input` for a pointer without a leading slash and `unsupported` for jq where no `deleteByJq` is given.
 */
export function removeIgnored(object: KubeObject, rules: readonly IgnoreRule[], deleteByJq?: DeleteByJq): KubeObject {
  let result = object
  for (const rule of rules) {
    for (const pointer of rule.jsonPointers ?? []) {
      result = asObject(removeAt(asJson(result), parsePointer(pointer)))
    }
    for (const expression of rule.jqPathExpressions ?? []) result = removeByJq(result, expression, deleteByJq)
  }
  return result
}

function removeByJq(object: KubeObject, expression: string, deleteByJq: DeleteByJq | undefined): KubeObject {
  if (deleteByJq === undefined) {
    throw new CapstanError(
      'unsupported',
      `ignoreDifferences: jq is not available here, remove ${JSON.stringify(expression)}`,
    )
  }
  try {
    return deleteByJq(object, expression)
  } catch (error) {
    const message = `ignoreDifferences: jqPathExpressions ${JSON.stringify(expression)}: ${messageOf(error)}`
    throw new CapstanError('bad-input', message, { cause: error })
  }
}

/** The steps of a JSON pointer (RFC 6901). The empty pointer names the whole object, which no rule may hide. */
export function parsePointer(pointer: string): readonly string[] {
  if (!pointer.startsWith('/')) {
    throw new CapstanError('bad-input', `ignoreDifferences: JSON pointer ${JSON.stringify(pointer)} must begin with /`)
  }
  const steps = pointer.slice(1).split('/')
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}
