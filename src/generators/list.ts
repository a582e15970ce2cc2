// The list generator: elements as they stand in the spec, and those of a YAML text.
import { CapstanError } from '../base/errors.ts'
import { isObject } from '../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../kube/object.ts'
import { goValueOf } from '../lang/go/json.ts'
import { parseYaml } from '../lang/yaml/read.ts'
import type { Generator, Parameters } from './contract.ts'
import { failed } from './failure.ts'
import { requireFewParameters } from './limits.ts'
import { parametersOf } from './parameters.ts'
import type { GeneratorSpec } from './transform.ts'

/** Without goTemplate every value is a text, those of `values` under `values.<key>` (argo-cd v3.5.1 `generators/list.go`). */
export const listGenerator: Generator<GeneratorSpec<'list'>> = {
  async generate({ elements, elementsYaml }, { renderer }) {
    requireFewParameters(elements?.length ?? 0, 'list')
    const found = (elements ?? []).map((element) => parametersOfElement(element, renderer.isGoTemplate))
    return elementsYaml === undefined || elementsYaml === '' ? found : [...found, ...fromText(elementsYaml)]
  },
  requeueAfterMs: () => undefined,
}

function parametersOfElement(element: JsonValue, isGoTemplate: boolean): Parameters {
  if (element === null) return new Map()
  if (!isObject(element)) {
    throw new CapstanError(
      'bad-input',
      `error unmarshling list element json: cannot unmarshal ${goKind(element)} into Go value of type map[string]interface {}`,
    )
  }
  return isGoTemplate ? parametersOf(element) : flatElement(element)
}

function flatElement(element: JsonObject): Parameters {
  const parameters: Parameters = new Map()
  for (const [key, value] of Object.entries(element)) {
    if (key === 'values') {
      if (!isObject(value)) throw new CapstanError('bad-input', 'error parsing values map')
      for (const [name, text] of Object.entries(value)) parameters.set(`values.${name}`, textOf(text))
    } else {
      parameters.set(key, textOf(value))
    }
  }
  return parameters
}

function textOf(value: JsonValue): string {
  if (typeof value === 'string') return value
  // Upstream wraps an error that is nil there.
  throw new CapstanError('bad-input', 'error parsing value as string %!w(<nil>)')
}

function fromText(text: string): readonly Parameters[] {
  const doing = 'error unmarshling decoded ElementsYaml'
  const elements = tryParse(text, doing)
  if (elements === null) return []
  if (!Array.isArray(elements)) throw notOf(elements, '[]map[string]interface {}', doing)
  requireFewParameters(elements.length, 'list')
  return elements.map((element) => {
    if (element === null) return new Map()
    if (!isObject(element)) throw notOf(element, 'map[string]interface {}', doing)
    return new Map(Object.entries(element).map(([key, value]) => [key, goValueOf(value)]))
  })
}

function tryParse(text: string, doing: string): JsonValue {
  try {
    return parseYaml(text)
  } catch (error) {
    throw failed(doing, error, ' ')
  }
}

function notOf(value: JsonValue, type: string, doing: string): CapstanError {
  return new CapstanError(
    'bad-input',
    `${doing} error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${goKind(value)} into Go value of type ${type}`,
  )
}

/** What encoding/json calls a value. */
export function goKind(value: JsonValue): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
