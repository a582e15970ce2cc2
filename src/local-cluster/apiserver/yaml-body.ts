// YAML request bodies as sigs.k8s.io/yaml reads them, with the complaint of strict decoding about keys that stand twice.
import { messageOf } from '../../base/errors.ts'
import type { JsonValue } from '../../kube/object.ts'
import { parseYaml } from '../../lang/yaml/read.ts'
import type { RawBody } from './raw-body.ts'
import { badRequest } from './status.ts'

/** Reads a YAML body; duplicate keys are a complaint, text that is no YAML is 400. */
export function readYamlBody(text: string, kind: string): RawBody {
  try {
    const strict = parseYaml(text, { duplicateKeys: 'error' })
    return { value: strict as JsonValue, complaints: [] } // with rounded integers every value is JSON
  } catch (error) {
    return readLenient(text, kind, messageOf(error))
  }
}

function readLenient(text: string, kind: string, complaint: string): RawBody {
  try {
    return { value: parseYaml(text) as JsonValue, complaints: [complaint] }
  } catch (error) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${messageOf(error)}`,
    )
  }
}
