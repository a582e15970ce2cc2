// The OpenAPI v2 document as gnostic protobuf (google/gnostic-models openapiv2/OpenAPIv2.proto): definitions only.
import { Buffer } from 'node:buffer'
import { jsonText } from '../../../kube/json-digits.ts'
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { builtinDefinition, builtinDefinitionNames } from '../../../kube/schema/definitions.ts'
import { listOf, objectOf, textOf } from '../edit.ts'
import { ProtobufWriter } from './protobuf-writer.ts'

/** Field numbers of `openapi.v2.Document`, `Info`, `Paths`, `Definitions`, `NamedSchema`. */
const DOCUMENT = { swagger: 1, info: 2, paths: 8, definitions: 9 }
const INFO = { title: 1, version: 2 }
const NAMED = { name: 1, value: 2 }
const LIST = 1
/** Field numbers of `openapi.v2.Schema`. */
const TEXTS: Readonly<Record<string, number>> = { $ref: 1, format: 2, title: 3, description: 4, pattern: 13 }
const SCHEMA = {
  default: 5,
  required: 19,
  enum: 20,
  additional: 21,
  type: 22,
  items: 23,
  properties: 25,
  extension: 31,
}
/** `Any.yaml` */
const YAML = 2

/** The built-in definitions, each once; about a megabyte. */
export function builtinV2Document(): Uint8Array {
  const document = new ProtobufWriter()
  document.text(DOCUMENT.swagger, '2.0')
  document.message(DOCUMENT.info, (info) => {
    info.text(INFO.title, 'Kubernetes')
    info.text(INFO.version, 'v1.36.3')
  })
  document.message(DOCUMENT.paths, () => undefined)
  document.message(DOCUMENT.definitions, (definitions) => {
    for (const name of builtinDefinitionNames()) {
      const definition = builtinDefinition(name)
      // A definition is JSON; its interface only lacks the index signature.
      if (definition !== undefined) writeNamed(definitions, name, definition as unknown as JsonObject)
    }
  })
  return document.finish()
}

/** The document as JSON text: seldom asked for, so it is made anew. `paths` in the form of OpenAPI v2. */
export function v2JsonDocument(definitions: Readonly<Record<string, JsonObject>> = {}, paths: JsonObject = {}): string {
  const builtin = builtinDefinitionNames().map((name) => [name, builtinDefinition(name)] as const)
  return jsonText({
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'v1.36.3' },
    paths,
    // Definitions are JSON; their interface only lacks the index signature.
    definitions: { ...(Object.fromEntries(builtin) as unknown as JsonObject), ...definitions },
  })
}

/**
 * The built-in document with definitions of custom resources after it: a message field that stands twice is merged by every
 * protobuf reader, so the large part is made once. `definitions` are OpenAPI v2 schemas by name.
 */
export function withDefinitions(builtin: Uint8Array, definitions: Readonly<Record<string, JsonObject>>): Uint8Array {
  const names = Object.keys(definitions)
  if (names.length === 0) return builtin
  const more = new ProtobufWriter()
  more.message(DOCUMENT.definitions, (writer) => {
    for (const name of names) writeNamed(writer, name, definitions[name] ?? {})
  })
  return Buffer.concat([builtin, more.finish()])
}

function writeNamed(writer: ProtobufWriter, name: string, schema: JsonObject): void {
  writer.message(LIST, (named) => {
    named.text(NAMED.name, name)
    named.message(NAMED.value, (inner) => writeSchema(inner, schema))
  })
}

function writeSchema(writer: ProtobufWriter, schema: JsonObject): void {
  for (const [key, value] of Object.entries(schema)) {
    const field = TEXTS[key]
    if (field !== undefined && typeof value === 'string') writer.text(field, value)
    else if (key.startsWith('x-')) writeExtension(writer, key, value)
    else writePart(writer, key, value)
  }
}

function writePart(writer: ProtobufWriter, key: string, value: JsonValue): void {
  switch (key) {
    case 'type':
      writer.message(SCHEMA.type, (type) => type.text(LIST, textOf(value)))
      return
    case 'required':
      for (const name of listOf(value)) writer.text(SCHEMA.required, textOf(name))
      return
    case 'enum':
      for (const choice of listOf(value)) writeAny(writer, SCHEMA.enum, choice)
      return
    case 'default':
      writeAny(writer, SCHEMA.default, value)
      return
    case 'items':
      writer.message(SCHEMA.items, (items) => items.message(LIST, (inner) => writeSchema(inner, objectOf(value))))
      return
    case 'properties':
      writer.message(SCHEMA.properties, (properties) => {
        for (const [name, property] of Object.entries(objectOf(value))) writeNamed(properties, name, objectOf(property))
      })
      return
    case 'additionalProperties':
      writer.message(SCHEMA.additional, (additional) => writeAdditional(additional, value))
      return
    default:
    // What is left bounds values (minimum, maxLength …), which no reader of this document asks for.
  }
}

function writeAdditional(writer: ProtobufWriter, value: JsonValue): void {
  if (isObject(value)) writer.message(1, (inner) => writeSchema(inner, value))
  else writer.boolean(2, value === true)
}

function writeExtension(writer: ProtobufWriter, name: string, value: JsonValue): void {
  writer.message(SCHEMA.extension, (named) => {
    named.text(NAMED.name, name)
    writeAny(named, NAMED.value, value)
  })
}

/** JSON is YAML. */
function writeAny(writer: ProtobufWriter, field: number, value: JsonValue): void {
  writer.message(field, (any) => any.text(YAML, jsonText(value)))
}
