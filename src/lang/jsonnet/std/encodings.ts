// std: bytes, digests, and reading JSON and YAML.
import { createHash } from 'node:crypto'
import { bytesOfText } from '../../go/text.ts'
import { parseYaml } from '../../yaml/read.ts'
import { messageOf } from '../../../base/errors.ts'
import { RuntimeFault } from '../error.ts'
import { valueOfJson } from '../json-text.ts'
import { asInteger } from '../lookup.ts'
import { ArrayValue, asArray, asString, typeOf, type FunctionValue, type Value } from '../values.ts'
import { define, type Chapter } from './define.ts'

export const encodings: Chapter = () => ({
  encodeUTF8: define('str', (text) => ArrayValue.of([...bytesOfText(asString(text))])),
  decodeUTF8: define('arr', (list) => {
    const bytes = asArray(list).items.map((item) => {
      const byte = asInteger(item.force())
      if (byte < 0 || byte > 255) throw new RuntimeFault(`Bytes must be integers in range [0, 255], got ${byte}`)
      return byte
    })
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes))
  }),
  base64: define('input', (input) => Buffer.from(bytesToEncode(input)).toString('base64')),
  base64Decode: define('str', (text) => {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(decoded(text, 'base64Decode'))
  }),
  base64DecodeBytes: define('str', (text) => ArrayValue.of([...decoded(text, 'base64DecodeBytes')])),
  md5: digest('md5', 's'),
  sha1: digest('sha1', 'str'),
  sha256: digest('sha256', 'str'),
  sha512: digest('sha512', 'str'),
  sha3: digest('sha3-512', 'str'),
  parseJson: define('str', (text) => {
    try {
      return valueOfJson(JSON.parse(asString(text)))
    } catch (error) {
      if (error instanceof RuntimeFault) throw error
      throw new RuntimeFault(`failed to parse JSON: ${messageOf(error)}`)
    }
  }),
  parseYaml: define('str', (text) => parseYamlStream(asString(text))),
})

function digest(algorithm: string, parameter: string): FunctionValue {
  return define(parameter, (text) =>
    createHash(algorithm)
      .update(bytesOfText(asString(text)))
      .digest('hex'),
  )
}

function bytesToEncode(input: Value): Uint8Array {
  if (typeof input === 'string') {
    for (const char of input) checkByte(char.codePointAt(0) ?? 0)
    return bytesOfText(input)
  }
  if (!(input instanceof ArrayValue)) {
    throw new RuntimeFault(`base64 can only base64 encode strings / arrays of single bytes, got ${typeOf(input)}`)
  }
  return Uint8Array.from(input.items, (item) => {
    const value = item.force()
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      throw new RuntimeFault(`base64 encountered a non-integer value in the array, got ${typeOf(value)}`)
    }
    return checkByte(value)
  })
}

function checkByte(value: number): number {
  if (value >= 0 && value <= 255) return value
  throw new RuntimeFault(
    `base64 encountered invalid codepoint value in the array (must be 0 <= X <= 255), got ${value}`,
  )
}

function decoded(value: Value, name: string): Uint8Array {
  if (typeof value !== 'string') throw new RuntimeFault(`${name} requires a string, got ${typeOf(value)}`)
  const { length } = bytesOfText(value)
  if (length % 4 !== 0) {
    throw new RuntimeFault(`input string appears not to be a base64 encoded string. Wrong length found (${length})`)
  }
  const bad = value.search(/[^A-Za-z0-9+/=]|=[^=]|===/)
  if (bad >= 0) {
    const at = bytesOfText(value.slice(0, bad)).length
    throw new RuntimeFault(`failed to decode: illegal base64 data at input byte ${at}`)
  }
  return Buffer.from(value, 'base64')
}

/** One document is a value; where a line `---` stands, there is a list of them. */
function parseYamlStream(text: string): Value {
  const documents: string[] = ['']
  let isStream = false
  for (const line of text.split(/(?<=\n)/)) {
    const isSeparator = /^---\s*$/.test(line)
    isStream ||= isSeparator
    if (isSeparator && documents.at(-1) !== '') documents.push('')
    else documents[documents.length - 1] += line
  }
  const values = documents.map((document) => {
    try {
      return valueOfJson(parseYaml(document))
    } catch (error) {
      throw new RuntimeFault(`failed to parse YAML: ${messageOf(error)}`)
    }
  })
  return isStream ? ArrayValue.of(values) : (values[0] ?? null)
}
