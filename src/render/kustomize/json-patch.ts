// JSON patches as kustomize applies them (api/filters/patchjson6902; evanphx/json-patch v4.12).
import { CapstanError, messageOf } from '../../base/errors.ts'
import { parseJson } from '../../kube/json-digits.ts'
import type { JsonObject, JsonValue } from '../../kube/object.ts'
import { applyJsonPatch } from '../../kube/patch/json-patch.ts'
import { parsePointer, valueAt } from '../../kube/patch/json-pointer.ts'
import { parseYaml } from '../../lang/yaml/read.ts'
import type { MappingNode } from './node.ts'
import { nodeOfValue, valueOfNode } from './node.ts'

export type JsonOperations = readonly JsonObject[]

/** Operations from text: JSON where it begins with a bracket, else YAML. Throws `bad-input`. */
export function readOperations(text: string): JsonOperations {
  if (text === '') throw new CapstanError('bad-input', 'empty json patch operations')
  let value: JsonValue
  try {
    value = text.startsWith('[') ? parseJson(text) : parseYaml(text, { bigIntegers: 'exact' })
  } catch (error) {
    throw new CapstanError('bad-input', messageOf(error), { cause: error })
  }
  if (value === null) return []
  if (!Array.isArray(value)) {
    const message = `json: cannot unmarshal ${typeof value} into Go value of type jsonpatch.Patch`
    throw new CapstanError('bad-input', message)
  }
  for (const operation of value as readonly JsonValue[]) {
    if (typeof operation !== 'object' || operation === null || Array.isArray(operation)) {
      throw new CapstanError('bad-input', 'json: cannot unmarshal value into Go value of type jsonpatch.Operation')
    }
  }
  return value as readonly JsonObject[] // each checked above
}

/** The tree after all operations. `replace` of a key that is not there adds it. */
export function patchNode(node: MappingNode, operations: JsonOperations): MappingNode {
  // Values of trees are JSON: `valueOfNode` has refused everything else.
  let document = valueOfNode(node) as JsonValue
  for (const operation of operations) {
    try {
      document = applyJsonPatch(document, [lenient(document, operation)])
    } catch (error) {
      throw new CapstanError('bad-input', messageOf(error), { cause: error })
    }
  }
  const made = nodeOfValue(document)
  if (made.kind !== 'mapping') throw new CapstanError('bad-input', 'a JSON patch must leave an object')
  return made
}

function lenient(document: JsonValue, operation: JsonObject): JsonObject {
  const { op, path } = operation
  if (op !== 'replace' || typeof path !== 'string') return operation
  const steps = parsePointer(path)
  const last = steps?.at(-1)
  if (steps === undefined || last === undefined) return operation
  const parent = valueAt(document, steps.slice(0, -1))
  const isObject = typeof parent === 'object' && parent !== null && !Array.isArray(parent)
  return isObject && !Object.hasOwn(parent, last) ? { ...operation, op: 'add' } : operation
}
