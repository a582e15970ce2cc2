// Functions that write and read other forms: JSON, YAML, base64, base32, checksums. YAML and lists are helm's.
import { createHash } from 'node:crypto'
import { CapstanError } from '../../base/errors.ts'
import { GoError } from '../go/error.ts'
import { decodeJson, encodeJson, goValueOf, jsonOf } from '../go/json.ts'
import type { JsonShape } from '../go/json.ts'
import { bytesOfText } from '../go/text.ts'
import { ANY, STRING } from '../go/values.ts'
import type { GoFunction, GoValue } from '../go/values.ts'
import { CONVERSION_PREFIX, YamlError } from '../yaml/error.ts'
import { parseYaml } from '../yaml/read.ts'
import type { YamlValue } from '../yaml/value.ts'
import { stringifyYaml } from '../yaml/write.ts'
import { fixed, textAt, valueAt } from './define.ts'
import type { FunctionTable } from './define.ts'
import { decodeBase32, decodeBase64, encodeBase32 } from './base-text.ts'
import { prettyYaml } from './pretty-yaml.ts'

const toJson = writer((value) => encodeJson(value))
const toRawJson = writer((value) => encodeJson(value, { isRaw: true }))
const toPrettyJson = writer((value) => encodeJson(value, { indent: '  ' }))

/** Sprig's own functions; helm replaces fromJson, toJson and their `must` forms. */
export const ENCODE_FUNCTIONS: FunctionTable = {
  b64enc: fixed([STRING], (args) => bytesOfText(textAt(args, 0)).toString('base64')),
  b64dec: fixed([STRING], (args) => decodeBase64(textAt(args, 0))),
  b32enc: fixed([STRING], (args) => encodeBase32(bytesOfText(textAt(args, 0)))),
  b32dec: fixed([STRING], (args) => decodeBase32(textAt(args, 0))),
  sha1sum: fixed([STRING], (args) => digest('sha1', textAt(args, 0))),
  sha256sum: fixed([STRING], (args) => digest('sha256', textAt(args, 0))),
  sha512sum: fixed([STRING], (args) => digest('sha512', textAt(args, 0))),
  adler32sum: fixed([STRING], (args) => adler32(bytesOfText(textAt(args, 0)))),
  toJson: forgiving(toJson),
  mustToJson: toJson,
  toRawJson: toRawJson,
  mustToRawJson: toRawJson,
  toPrettyJson: forgiving(toPrettyJson),
  mustToPrettyJson: toPrettyJson,
  fromJson: fixed([STRING], (args) =>
    orElse(
      () => decodeJson(textAt(args, 0), 'any'),
      () => null,
    ),
  ),
  mustFromJson: fixed([STRING], (args) => decodeJson(textAt(args, 0), 'any')),
}

const toYaml = writer((value) => withoutNewline(stringifyYaml(jsonOf(value))))

/** What helm adds to Sprig for YAML and JSON (pkg/engine/funcs.go, v4.2.1). */
export const HELM_ENCODE_FUNCTIONS: FunctionTable = {
  toYaml: forgiving(toYaml),
  mustToYaml: toYaml,
  toYamlPretty: forgiving(writer((value) => withoutNewline(prettyYaml(value)))),
  fromYaml: reader('object', readYaml),
  fromYamlArray: reader('array', readYaml),
  toJson: forgiving(toJson),
  mustToJson: toJson,
  fromJson: reader('object', decodeJson),
  fromJsonArray: reader('array', decodeJson),
}

function writer(write: (value: GoValue) => string): GoFunction {
  return fixed([ANY], (args) => write(valueAt(args, 0)))
}

/** Gives "" where the function fails. */
function forgiving(target: GoFunction): GoFunction {
  return fixed(target.params, (args) =>
    orElse(
      () => target.call(args),
      () => '',
    ),
  )
}

function orElse(body: () => GoValue, otherwise: (error: CapstanError) => GoValue): GoValue {
  try {
    return body()
  } catch (error) {
    if (error instanceof CapstanError) return otherwise(error)
    throw error
  }
}

/** helm gives errors as values: a map with `Error`, or a list with the text. */
function reader(shape: 'object' | 'array', read: (text: string, shape: JsonShape) => GoValue): GoFunction {
  return fixed([STRING], (args) => {
    return orElse(
      () => read(textAt(args, 0), shape) ?? (shape === 'object' ? new Map<GoValue, GoValue>() : []),
      (error) => (shape === 'object' ? new Map<GoValue, GoValue>([['Error', error.message]]) : [error.message]),
    )
  })
}

function readYaml(text: string, shape: JsonShape): GoValue {
  const json = parsedYaml(text)
  const kind = json === null ? 'null' : Array.isArray(json) ? 'array' : typeof json
  if (kind === 'null' || kind === shape) return goValueOf(json)
  const wanted = shape === 'object' ? 'map[string]interface {}' : '[]interface {}'
  const shown = kind === 'boolean' ? 'bool' : kind
  throw new GoError(
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${shown} into Go value of type ${wanted}`,
  )
}

function parsedYaml(text: string): YamlValue {
  try {
    return parseYaml(text)
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw new GoError(CONVERSION_PREFIX + error.message.replace(CONVERSION_PREFIX, ''), { cause: error })
  }
}

function withoutNewline(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text
}

function digest(algorithm: string, text: string): string {
  return createHash(algorithm).update(bytesOfText(text)).digest('hex')
}

const ADLER_MODULUS = 65_521

function adler32(bytes: Uint8Array): string {
  let low = 1
  let high = 0
  for (const byte of bytes) {
    low = (low + byte) % ADLER_MODULUS
    high = (high + low) % ADLER_MODULUS
  }
  return String(high * 65_536 + low)
}
