// What a placeholder does with a value before it is filled in: `| base64encode`, `| jsonPath {.a}` and their sisters.
import { CapstanError } from '../../../base/errors.ts'
import { sha256Hex } from '../../../base/digest.ts'
import { jsonText, parseJson } from '../../../kube/json-digits.ts'
import { isObject } from '../../../kube/json-value.ts'
import type { JsonValue } from '../../../kube/object.ts'
import { parseYaml } from '../../../lang/yaml/read.ts'

type Modifier = (value: JsonValue, parameters: readonly string[]) => JsonValue

/** Columns that `indent` may ask for. */
const MAX_INDENT = 1000

const MODIFIERS: Readonly<Record<string, Modifier>> = {
  base64encode: (value) => Buffer.from(text(value), 'utf8').toString('base64'),
  base64decode: (value) => Buffer.from(text(value), 'base64').toString('utf8'),
  jsonPath: (value, parameters) => pick(parsed(value), parameters.join(' ')),
  jsonParse: (value) => parseJson(text(value)),
  yamlParse: (value) => parseYaml(text(value)),
  indent: (value, parameters) => indent(text(value), parameters),
  sha256sum: (value) => sha256Hex(text(value)),
}

/** Applies `name parameter …`. Throws `bad-input` naming the modifier and the placeholder, never the value. */
export function applyModifier(written: string, value: JsonValue, placeholder: string): JsonValue {
  const [name = '', ...parameters] = written.trim().split(/\s+/)
  const modifier = Object.hasOwn(MODIFIERS, name) ? MODIFIERS[name] : undefined
  if (modifier === undefined) {
    throw new CapstanError('bad-input', `invalid modifier: ${name} for placeholder ${placeholder}`)
  }
  try {
    return modifier(value, parameters)
  } catch (error) {
    // A parser's message may quote what it read.
    const reason = error instanceof Refusal ? error.message : 'the value is not of the form it needs'
    throw new CapstanError('bad-input', `${name}: ${reason} for placeholder ${placeholder}`)
  }
}

/** A text that holds nothing of a value. */
class Refusal extends Error {}

function text(value: JsonValue): string {
  if (typeof value !== 'string') throw new Refusal('invalid datatype, expected string')
  return value
}

function parsed(value: JsonValue): JsonValue {
  return typeof value === 'string' ? parseJson(value) : value
}

function indent(value: string, [count = '']: readonly string[]): string {
  const columns = Number(count)
  if (!/^\d+$/.test(count) || columns > MAX_INDENT) throw new Refusal('invalid params, expected a number of columns')
  return value.replaceAll('\n', `\n${' '.repeat(columns)}`)
}

const STEP = /\.(?<name>[A-Za-z0-9_-]+)|\[(?:'(?<single>[^']*)'|"(?<double>[^"]*)"|(?<index>-?\d+))\]/y

/** The part of a value at a path as kubectl writes it, without filters and ranges: `{.a.b[0]['c.d']}`. */
function pick(value: JsonValue, expression: string): JsonValue {
  const path = expression.replace(/^\{(?<inner>.*)\}$/, '$<inner>').replace(/^\$/, '')
  let found: JsonValue | undefined = value
  let at = 0
  while (at < path.length) {
    STEP.lastIndex = at
    const groups = STEP.exec(path)?.groups
    if (groups === undefined) throw new Refusal(`the expression ${expression.slice(0, 100)} is not supported`)
    at = STEP.lastIndex
    found = step(found, groups)
    if (found === undefined) throw new Refusal(`nothing stands at ${expression.slice(0, 100)}`)
  }
  return typeof found === 'string' ? found : jsonText(found)
}

function step(value: JsonValue, groups: Readonly<Record<string, string | undefined>>): JsonValue | undefined {
  const { index } = groups
  if (index !== undefined) return Array.isArray(value) ? (value as readonly JsonValue[]).at(Number(index)) : undefined
  const name = groups['name'] ?? groups['single'] ?? groups['double'] ?? ''
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}
