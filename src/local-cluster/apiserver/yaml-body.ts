// YAML request bodies as sigs.k8s.io/yaml reads them, with the complaint of strict decoding about keys that stand twice.
import { messageOf } from '../../base/errors.ts'
import { parseJson } from '../../kube/json-digits.ts'
import type { JsonValue } from '../../kube/object.ts'
import { parseYaml } from '../../lang/yaml/read.ts'
import type { RawBody } from './raw-body.ts'
import { badRequest } from './status.ts'

/** Reads a YAML body; duplicate keys are a complaint, text that is no YAML is 400. */
export function readYamlBody(text: string, kind: string): RawBody {
  try {
    return { value: yamlValue(text, 'error'), complaints: [] }
  } catch (error) {
    return readLenient(text, kind, messageOf(error))
  }
}

function readLenient(text: string, kind: string, complaint: string): RawBody {
  try {
    return { value: yamlValue(text), complaints: [complaint] }
  } catch (error) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${messageOf(error)}`,
    )
  }
}

const MAY_BE_BIG = /\d{16}/

/** YAML as JSON with all digits of its integers. Throws `YamlError`. */
export function yamlValue(text: string, duplicateKeys: 'last' | 'error' = 'last'): JsonValue {
  if (!MAY_BE_BIG.test(text)) return parseYaml(text, { duplicateKeys }) as JsonValue // without integers to keep exact every value is JSON
  // The reader keeps digits as texts that JSON prints bare; here they are to be values.
  return parseJson(JSON.stringify(parseYaml(text, { duplicateKeys, bigIntegers: 'exact' })))
}
