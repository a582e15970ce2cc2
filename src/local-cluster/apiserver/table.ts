// Table answers: what kubectl get prints.
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import type { TableCell, TableColumn } from '../kinds/contract.ts'
import type { Call } from './call.ts'
import { partialMetadata } from './partial-metadata.ts'

const NAME_DESCRIPTION =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names'
const CREATED_DESCRIPTION =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata'

/** What the default table of a kind without its own shows. */
const DEFAULT_COLUMNS: readonly TableColumn[] = [
  { name: 'Name', type: 'string', format: 'name', description: NAME_DESCRIPTION, priority: 0 },
  { name: 'Created At', type: 'date', format: '', description: CREATED_DESCRIPTION, priority: 0 },
]

/** More of a list's metadata. */
export interface ListMeta {
  readonly continue?: string
  readonly remainingItemCount?: number
}

/** A Table of objects; `includeObject` of the query says what each row carries of its object. */
export function tableOf(
  call: Call,
  objects: readonly KubeObject[],
  resourceVersion: string,
  more: ListMeta = {},
): JsonObject {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${call.form.metaVersion}`,
    metadata: { resourceVersion, ...more },
    columnDefinitions: columnsOf(call).map((column) => ({ ...column })),
    rows: inOrder(call, objects).map((object) => rowOf(call, object)),
  }
}

function inOrder({ resource }: Call, objects: readonly KubeObject[]): readonly KubeObject[] {
  const compare = resource.rules?.table?.compare
  return compare === undefined ? objects : objects.toSorted(compare)
}

/** A Table without column definitions, as later events of a watch carry it. */
export function tableRows(call: Call, object: KubeObject): JsonObject {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${call.form.metaVersion}`,
    metadata: { resourceVersion: object.metadata.resourceVersion ?? '' },
    columnDefinitions: null,
    rows: [rowOf(call, object)],
  }
}

function columnsOf(call: Call): readonly TableColumn[] {
  const { rules, custom } = call.resource
  if (custom !== undefined) return [DEFAULT_COLUMNS[0] as TableColumn, ...custom.columns] // the table above has it
  return rules?.table?.columns ?? DEFAULT_COLUMNS
}

function rowOf(call: Call, object: KubeObject): JsonObject {
  return { cells: cellsOf(call, object), ...rowObject(call, object) }
}

function cellsOf(call: Call, object: KubeObject): readonly TableCell[] {
  const { rules, custom } = call.resource
  const nowMs = call.server.clock.now()
  if (custom !== undefined) return [object.metadata.name ?? '', ...custom.cells(object, nowMs)]
  return rules?.table?.cells(object, nowMs) ?? [object.metadata.name ?? '', object.metadata.creationTimestamp ?? null]
}

function rowObject(call: Call, object: KubeObject): JsonObject {
  switch (call.query.get('includeObject')) {
    case 'None':
      return { object: null }
    case 'Object':
      return { object: object as unknown as JsonObject }
    default:
      return { object: partialMetadata(object, call.form.metaVersion) }
  }
}
