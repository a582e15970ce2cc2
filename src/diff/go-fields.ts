// What Go's types of Kubernetes say of each field: pointer or value, left out when empty or not.
import { wireMessage, type WireField } from '../kube/protobuf/wire-table.ts'

/** Structs of Go with a JSON form of their own. */
export const SPECIAL: {
  readonly quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity'
  readonly intOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString'
  readonly time: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time'
  readonly microTime: 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime'
  readonly duration: 'io.k8s.apimachinery.pkg.apis.meta.v1.Duration'
  readonly raw: 'io.k8s.apimachinery.pkg.runtime.RawExtension'
  readonly fields: 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1'
} = {
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  intOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  time: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
  microTime: 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
  duration: 'io.k8s.apimachinery.pkg.apis.meta.v1.Duration',
  raw: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  fields: 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
}

const SPECIAL_NAMES: ReadonlySet<string> = new Set(Object.values(SPECIAL))

/** Tables made so far: derived from constant data, so they do not tie processes together. */
const made = new Map<string, ReadonlyMap<string, WireField>>()

/** The fields of a struct by their JSON names, those of inlined structs among them; undefined for what is no struct of Kubernetes. */
export function goFields(definition: string): ReadonlyMap<string, WireField> | undefined {
  const known = made.get(definition)
  if (known !== undefined) return known
  const message = SPECIAL_NAMES.has(definition) ? undefined : wireMessage(definition)
  if (message === undefined) return undefined
  const fields = new Map<string, WireField>()
  for (const field of message.byNumber.values()) {
    if (field.name !== undefined) fields.set(field.name, field)
    else for (const [name, inlined] of goFields(field.type) ?? []) fields.set(name, inlined)
  }
  made.set(definition, fields)
  return fields
}

/** True where Go holds the value itself: no pointer, list or map, which may be nil. */
export function isPlainValue(field: WireField): boolean {
  return !field.isPointer && !field.isRepeated && !field.isMap
}
