// A .jsonnet file of a directory source becomes manifests.
import { CapstanError, messageOf } from '../../base/errors.ts'
import { textOfBytes } from '../../lang/go/text.ts'
import { quoteText } from '../../lang/go/quote.ts'
import { evaluateJsonnet, type Variable } from '../../lang/jsonnet/evaluate.ts'
import type { ApplicationSourceJsonnet } from '../../crds/application.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../kube/object.ts'
import { substituteEnvironment, type BuildEnvironment } from '../build-environment.ts'
import type { LoadedFiles } from '../contract.ts'
import { importCandidates } from './imports.ts'

export interface ProgramInput {
  readonly externalVariables: readonly Variable[]
  readonly topLevelArguments: readonly Variable[]
}

/** The variables of a source, with the build environment's values put in (argo-cd v3.5.1 makeJsonnetVm). */
export function programInput(
  jsonnet: ApplicationSourceJsonnet | undefined,
  environment: BuildEnvironment,
): ProgramInput {
  type Listed = NonNullable<ApplicationSourceJsonnet['extVars']>
  const variables = (listed: Listed): Variable[] => {
    return listed.map(({ name, value, code = false }) => {
      return { name, value: substituteEnvironment(value, environment), isCode: code }
    })
  }
  return { externalVariables: variables(jsonnet?.extVars ?? []), topLevelArguments: variables(jsonnet?.tlas ?? []) }
}

export interface ProgramFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/** Runs a program: it gives a list of objects or one object. Throws `bad-input` as Argo CD words it. */
export function runProgram(
  { path, bytes }: ProgramFile,
  input: ProgramInput,
  place: { readonly loaded: LoadedFiles; readonly searched: readonly string[] },
): KubeObject[] {
  const name = path.slice(path.lastIndexOf('/') + 1)
  let result: JsonValue
  try {
    // What the language gives is JSON, its integers exact as the rest of Capstan has them.
    result = evaluateJsonnet(path, textOfBytes(bytes), {
      ...input,
      findImport: (imported, from) => {
        const found = importCandidates(imported, from, place.searched).find((one) => place.loaded.files.has(one))
        const file = found === undefined ? undefined : place.loaded.files.get(found)
        return found === undefined || file === undefined ? undefined : { name: found, bytes: file.bytes }
      },
    }) as JsonValue
  } catch (error) {
    throw new CapstanError('bad-input', `Failed to evaluate jsonnet ${quoteText(name)}: ${messageOf(error)}`, {
      cause: error,
    })
  }
  const objects = Array.isArray(result) ? result : [result]
  for (const object of objects) assertManifest(object, name)
  return objects as unknown as KubeObject[] // each checked above
}

function assertManifest(value: JsonValue, name: string): asserts value is JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  const kind = isObject ? (value as JsonObject)['kind'] : undefined
  if (typeof kind === 'string' && kind !== '') return
  const problem = isObject ? "Object 'Kind' is missing" : `expected an object, found ${JSON.stringify(value)}`
  throw new CapstanError('bad-input', `Failed to unmarshal generated json ${quoteText(name)}: ${problem}`)
}
