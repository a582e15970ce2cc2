// YAML request bodies as sigs.k8s.io/yaml reads them, with the complaint of strict decoding about keys that stand twice.
import { messageOf } from '../../base/errors.ts'
import type { JsonValue } from '../../kube/object.ts'
import { parseYaml } from '../../lang/yaml/read.ts'
import { bodySample, type RawBody } from './raw-body.ts'
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
      `the object provided is unrecognized (must be of type ${kind}): ${messageOf(error)} (${bodySample(text)})`,
    )
  }
}

/** YAML as JSON with all digits of its integers. Throws `YamlError`. */
export function yamlValue(text: string, duplicateKeys: 'last' | 'error' = 'last'): JsonValue {
  return parseYaml(text, { duplicateKeys, bigIntegers: 'exact' }) as JsonValue // bigints count as numbers there
}
