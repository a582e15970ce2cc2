// Brings sets of owned fields in line with a changed type, and makes declared fields members (structured-merge-diff v6).
import { variantOf, type ApplyType, type MapType } from './apply-type.ts'
import { EMPTY_SET, LEAF, type FieldNode, type FieldSet, type FieldSetBuilder } from './field-set.ts'
import { fieldNameOf } from './path-element.ts'

/** Fields below what has become atomic are replaced by the atomic value itself (`ReconcileFieldSetWithSchema`). */
export function reconcileFields(fields: FieldSet, type: ApplyType): FieldSet {
  if (inLine.get(fields) === type) return fields
  const reconciled = reconcileNode({ isMember: false, children: fields }, type).children
  inLine.set(reconciled, type)
  return reconciled
}

/** Sets that were in line with a type: neither ever changes. */
const inLine = new WeakMap<FieldSet, ApplyType>()

function reconcileNode(node: FieldNode, type: ApplyType): FieldNode {
  const { children } = node
  if (children.size === 0) return node
  switch (variantOf(type, undefined)) {
    case 'scalar':
      return node
    case 'map':
      if (type.map?.isDeduced === true) return node
      return type.map?.isAtomic === true ? LEAF : reconcileChildren(node, (element) => childType(type.map, element))
    case 'list':
      return type.list?.isAtomic === true ? LEAF : reconcileChildren(node, () => type.list?.element)
  }
}

/** The type of a map's field; undefined for what the schema does not know. */
function childType(map: MapType | undefined, element: string): ApplyType | undefined {
  const name = fieldNameOf(element)
  return (name === undefined ? undefined : map?.field(name)) ?? map?.element
}

/** The same node where nothing below changes. */
function reconcileChildren(node: FieldNode, typeOf: (element: string) => ApplyType | undefined): FieldNode {
  let changed: FieldSetBuilder | undefined
  for (const [element, child] of node.children) {
    const type = typeOf(element)
    const reconciled = type === undefined ? child : reconcileNode(child, type)
    if (reconciled === child) continue
    changed ??= new Map(node.children)
    changed.set(element, reconciled)
  }
  return changed === undefined ? node : { isMember: node.isMember, children: changed }
}

/** Every declared field that has something below becomes a member too (`EnsureNamedFieldsAreMembers`). */
export function withNamedFields(fields: FieldSet, type: ApplyType | undefined): FieldSet {
  if (fields.size === 0) return EMPTY_SET
  const out: FieldSetBuilder = new Map()
  for (const [element, node] of fields) {
    if (node.children.size === 0) {
      out.set(element, node)
      continue
    }
    const name = fieldNameOf(element)
    const declared = name === undefined ? undefined : type?.map?.field(name)
    const inner = name === undefined ? itemType(type, element) : (declared ?? type?.map?.element)
    out.set(element, {
      isMember: node.isMember || declared !== undefined,
      children: withNamedFields(node.children, inner),
    })
  }
  return out
}

function itemType(type: ApplyType | undefined, element: string): ApplyType | undefined {
  return element.startsWith('k:') ? type?.list?.element : undefined
}
