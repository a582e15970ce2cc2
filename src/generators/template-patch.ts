// templatePatch: a strategic merge patch on each Application, in YAML or JSON (argo-cd v3.5.1 `controllers/template/patch.go`).
import { CapstanError, messageOf } from '../base/errors.ts'
import type { Application } from '../crds/application.ts'
import { fieldsOf, type MessageField } from '../crds/message-table.ts'
import { isObject } from '../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../kube/object.ts'
import { applyStrategicPatch } from '../kube/patch/strategic-apply.ts'
import type { TypeSchema } from '../kube/schema/schema.ts'
import { parseJson } from '../kube/json-digits.ts'
import { parseYaml } from '../lang/yaml/read.ts'
import { failed } from './failure.ts'

/**
 * The Application with the patch applied; its project stays what it was, so that no patch leaves the project.
 * Throws `bad-input` with upstream's text.
 */
export function applyTemplatePatch(application: Application, patchText: string): Application {
  const patch = readPatch(patchText)
  const shown = JSON.stringify(patch)
  const fault = mistakeIn(patch, 'Application', '')
  if (fault !== undefined)
    throw new CapstanError('bad-input', `invalid templatePatch ${JSON.stringify(shown)}: ${fault}`)
  let patched: JsonObject
  try {
    patched = applyStrategicPatch(application as unknown as JsonObject, patch, APPLICATION_SCHEMA)
  } catch (error) {
    throw failed(`error while applying templatePatch template to json ${JSON.stringify(shown)}`, error)
  }
  // Types were checked in the patch, and the rest is the Application's own.
  const result = patched as unknown as Application
  return { ...result, spec: { ...result.spec, project: application.spec.project } }
}

function readPatch(text: string): JsonObject {
  let value: JsonValue
  try {
    value = readJson(text) ?? parseYaml(text)
  } catch (error) {
    throw new CapstanError(
      'bad-input',
      `error while converting template to json ${JSON.stringify(text)}: ${messageOf(error)}`,
      {
        cause: error,
      },
    )
  }
  if (value === null) return {}
  if (isObject(value)) return value
  throw new CapstanError('bad-input', `invalid templatePatch ${JSON.stringify(JSON.stringify(value))}: it is no object`)
}

/** JSON may be indented by tabs, YAML may not: what is JSON is read as that (`ConvertYAMLToJSON`). Undefined for what is none. */
function readJson(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined // YAML, or the reader of YAML says what is wrong
  }
}

/** The first field whose value cannot be one of its type; directives and fields nobody knows are left alone. */
function mistakeIn(value: JsonObject, type: string, path: string): string | undefined {
  for (const [name, field] of fields(type)) {
    const held = value[name]
    if (held === undefined || held === null) continue
    const fault = mistakeInField(held, field, path === '' ? name : `${path}.${name}`)
    if (fault !== undefined) return fault
  }
  return undefined
}

function mistakeInField(held: JsonValue, field: MessageField, path: string): string | undefined {
  if (field.list) {
    if (!Array.isArray(held)) return wrongType(held, path, 'a list')
    for (const item of held as readonly JsonValue[]) {
      const fault = mistakeInValue(item, field.type, path)
      if (fault !== undefined) return fault
    }
    return undefined
  }
  if (!field.map) return mistakeInValue(held, field.type, path)
  if (!isObject(held)) return wrongType(held, path, 'an object')
  for (const item of Object.values(held)) {
    const fault = item === null ? undefined : mistakeInValue(item, field.type, path)
    if (fault !== undefined) return fault
  }
  return undefined
}

const GO_TYPES: Readonly<Record<string, readonly [string, string]>> = {
  string: ['string', 'string'],
  bool: ['boolean', 'bool'],
  int32: ['number', 'int32'],
  int64: ['number', 'int64'],
}

function mistakeInValue(value: JsonValue, type: string, path: string): string | undefined {
  if (fieldsOf(type) !== undefined) {
    return isObject(value) ? mistakeIn(value, type, path) : wrongType(value, path, `an object of ${type}`)
  }
  const wanted = Object.hasOwn(GO_TYPES, type) ? GO_TYPES[type] : undefined
  if (wanted === undefined || typeof value === wanted[0]) return undefined
  return wrongType(value, path, `type ${wanted[1]}`)
}

function wrongType(value: JsonValue, path: string, wanted: string): string {
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  return `json: cannot unmarshal ${kind} into Go struct field Application.${path} of ${wanted}`
}

function fields(type: string): [string, MessageField][] {
  return Object.entries(fieldsOf(type) ?? {}).flatMap(([name, field]) =>
    field.inline === true ? fields(field.type) : [[name, field] as [string, MessageField]],
  )
}

const OPEN: TypeSchema = {
  required: [],
  nullable: false,
  patchStrategy: [],
  listMapKeys: [],
  unions: [],
  intOrString: false,
  preserveUnknownFields: true,
  embeddedResource: false,
}

const TEXT: TypeSchema = { ...OPEN, type: 'string', preserveUnknownFields: false }

/** Lists of an Application are replaced; those of Kubernetes' own metadata merge as everywhere. */
const APPLICATION_SCHEMA: TypeSchema = {
  ...OPEN,
  properties: new Map([
    [
      'metadata',
      {
        ...OPEN,
        properties: new Map([
          ['finalizers', { ...OPEN, type: 'array', items: TEXT, patchStrategy: ['merge'] }],
          ['ownerReferences', { ...OPEN, type: 'array', items: OPEN, patchStrategy: ['merge'], patchMergeKey: 'uid' }],
        ]),
      },
    ],
  ]),
}
