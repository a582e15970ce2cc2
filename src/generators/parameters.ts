// Parameter sets: made of JSON, flattened, joined and overridden as upstream's libraries do it (flatten, mergo v1.0.2).
import { CapstanError } from '../base/errors.ts'
import type { JsonObject, JsonValue } from '../kube/object.ts'
import { isObject } from '../kube/json-value.ts'
import { goValueOf } from '../lang/go/json.ts'
import { formatValue } from '../lang/go/print.ts'
import { GoTyped, mapOfValue, STRING_MAP } from '../lang/go/values.ts'
import type { GoMap, GoValue } from '../lang/go/values.ts'
import { setOwn } from '../lang/yaml/value.ts'
import type { YamlObject } from '../lang/yaml/value.ts'
import type { Parameters } from './contract.ts'
import { failed } from './failure.ts'
import { isMissingKeyFault, type TemplateRenderer } from './template-text.ts'

/** A JSON object as parameters; numbers are float64, as Go reads them. */
export function parametersOf(object: JsonObject): Parameters {
  return new Map(Object.entries(object).map(([key, value]) => [key, goValueOf(value)]))
}

/** A Go `map[string]string`. */
export function stringMapOf(entries: Readonly<Record<string, string>>): GoTyped {
  return new GoTyped(STRING_MAP, new Map<GoValue, GoValue>(Object.entries(entries)))
}

/** `{a: {b: [x]}}` becomes `a.b.0`; maps of strings count only where `isDeep`, as in selectors. Empty maps and lists vanish. */
export function flatten(parameters: Parameters, isDeep = false): Map<string, string> {
  const flat = new Map<string, string>()
  for (const [key, value] of parameters) flattenInto(flat, formatValue(key), value, isDeep)
  return flat
}

function flattenInto(flat: Map<string, string>, key: string, value: GoValue, isDeep: boolean): void {
  const map = value instanceof Map || isDeep ? mapOfValue(value) : undefined
  if (map !== undefined) {
    for (const [name, item] of map) flattenInto(flat, `${key}.${formatValue(name)}`, item, isDeep)
    return
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) flattenInto(flat, `${key}.${index}`, item, isDeep)
    return
  }
  flat.set(key, formatValue(value))
}

/** Flat parameters, every value a text (`%v`). */
export function flatParameters(object: Parameters): Parameters {
  return new Map<GoValue, GoValue>(flatten(object))
}

/**
 * Adds the `values` of a generator, each rendered with the parameters alone, so that none can use another.
 * Throws with upstream's text.
 */
export function appendValues(
  parameters: Parameters,
  values: Readonly<Record<string, string>> | undefined,
  renderer: TemplateRenderer,
): void {
  const rendered: Record<string, string> = {}
  for (const [key, text] of Object.entries(values ?? {})) {
    try {
      setOwn(rendered as YamlObject, key, renderer.render(text, parameters))
    } catch (error) {
      throw failed('failed to replace templated string: failed to replace templated string with rendered values', error)
    }
  }
  if (Object.keys(rendered).length === 0) return
  if (renderer.isGoTemplate) {
    parameters.set('values', stringMapOf(rendered))
    return
  }
  for (const [key, text] of Object.entries(rendered)) parameters.set(`values.${key}`, text)
}

/** Both maps as texts in one. Throws where they say different things of one key (upstream's `CombineStringMaps`). */
export function combine(a: Parameters, b: Parameters): Parameters {
  const joined: Parameters = new Map()
  for (const [key, value] of a) joined.set(key, formatValue(value))
  for (const [key, value] of b) {
    const text = formatValue(value)
    const present = joined.get(key)
    if (present !== undefined && present !== text) {
      throw new CapstanError(
        'bad-input',
        `found duplicate key ${formatValue(key)} with different value, a: ${formatValue(present)} ,b: ${text}`,
      )
    }
    joined.set(key, text)
  }
  return joined
}

/** `over` on top of `base`, maps within maps joined, lists replaced unless empty (mergo with override). Neither is changed. */
export function overrideWith(base: GoMap, over: GoMap): GoMap {
  const merged: GoMap = new Map(base)
  for (const [key, value] of over) {
    const present = base.get(key)
    const next = present === undefined ? value : overrideValue(present, value)
    merged.set(key, next)
  }
  return merged
}

function overrideValue(present: GoValue, value: GoValue): GoValue {
  const under = mapOfValue(present)
  const over = mapOfValue(value)
  if (under !== undefined && over !== undefined) {
    const joined = overrideWith(under, over)
    return present instanceof GoTyped ? new GoTyped(present.type, joined) : joined
  }
  return value
}

/** Deep-replaces every text and every key of a JSON value (argo-cd v3.5.1 `deeplyReplace`). */
export function renderJson(value: JsonValue, parameters: Parameters, renderer: TemplateRenderer): JsonValue {
  if (typeof value === 'string') return renderer.render(value, parameters)
  if (Array.isArray(value)) return value.map((item) => renderJson(item as JsonValue, parameters, renderer))
  if (!isObject(value)) return value
  const rendered: YamlObject = {}
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue
    // A rendered JsonValue is one of YAML too; only `readonly` differs.
    setOwn(rendered, renderer.render(key, parameters), renderJson(item, parameters, renderer) as YamlObject)
  }
  return rendered
}

/** Generators with `values` of their own, which may speak of parameters that come only later. */
const WITH_VALUES: ReadonlySet<string> = new Set([
  'clusters',
  'git',
  'scmProvider',
  'clusterDecisionResource',
  'pullRequest',
  'plugin',
])

/**
 * The second generator of a matrix with the parameters of the first in its texts (upstream's `RenderGeneratorParams`): what
 * `values` does not find stays for the generator itself.
 */
export function renderGenerator(generator: JsonObject, parameters: Parameters, renderer: TemplateRenderer): JsonObject {
  if (parameters.size === 0) return generator
  try {
    return renderParts(generator, parameters, renderer)
  } catch (error) {
    throw failed('failed to replace parameters in generator', error)
  }
}

function renderParts(generator: JsonObject, parameters: Parameters, renderer: TemplateRenderer): JsonObject {
  const rendered: Record<string, JsonValue> = {}
  for (const [key, part] of Object.entries(generator)) {
    if (!isObject(part)) {
      rendered[key] = renderJson(part, parameters, renderer)
    } else if (WITH_VALUES.has(key) && isObject(part['values'])) {
      const { values, ...rest } = part
      rendered[key] = {
        ...(renderJson(rest, parameters, renderer) as JsonObject), // an object stays one
        values: renderValues(values as JsonObject, parameters, renderer), // looked at above
      }
    } else if ((key === 'matrix' || key === 'merge') && Array.isArray(part['generators'])) {
      const { generators, ...rest } = part
      const nested = generators as readonly JsonObject[] // lists of generators by the schema
      rendered[key] = {
        ...(renderJson(rest, parameters, renderer) as JsonObject), // an object stays one
        generators: nested.map((one) => renderParts(one, parameters, renderer)),
      }
    } else {
      rendered[key] = renderJson(part, parameters, renderer)
    }
  }
  return rendered
}

function renderValues(values: JsonObject, parameters: Parameters, renderer: TemplateRenderer): JsonObject {
  const entries = Object.entries(values).map(([key, text]) => {
    if (typeof text !== 'string') return [key, text] as const
    try {
      return [key, renderer.render(text, parameters, renderer.isGoTemplate ? 'error' : undefined)] as const
    } catch (error) {
      if (isMissingKeyFault(error)) return [key, text] as const
      throw failed(`failed to pre-resolve Values key ${JSON.stringify(key)}`, error)
    }
  })
  return Object.fromEntries(entries)
}
