// Finds the table of a kind, and the one that every other kind has.
import type { GroupVersionKind, KubeObject } from '../../../kube/object.ts'
import type { KindRules } from '../contract.ts'
import { objectOf, textOf } from '../edit.ts'
import { clusterTables } from './cluster-tables.ts'
import { networkTables } from './network-tables.ts'
import { podTable } from './pod-table.ts'
import { platformTables } from './platform-tables.ts'
import { columns, nameOf, type KindTable } from './table.ts'
import { workloadTables } from './workload-tables.ts'

type Table = NonNullable<KindRules['table']>

const TABLES: Readonly<Record<string, KindTable>> = {
  '/v1/Pod': podTable,
  ...workloadTables,
  ...networkTables,
  ...clusterTables,
  ...platformTables,
}

/** Name and time of creation: what kinds without a printer of their own show (Roles, LimitRanges, CustomResourceDefinitions). */
const DEFAULT_TABLE: KindTable = {
  columns: columns('Name Created_At:date'),
  cells: (object) => [nameOf(object), textOf(objectOf(object['metadata'])['creationTimestamp'])],
}

/** The columns and cells of a built-in kind. */
export function tableFor(gvk: GroupVersionKind): Table {
  const table = TABLES[`${gvk.group}/${gvk.version}/${gvk.kind}`] ?? DEFAULT_TABLE
  const { compare } = table
  // A KubeObject is JSON; its interface only lacks the index signature.
  return {
    columns: table.columns,
    cells: (object: KubeObject, nowMs) => table.cells(object as never, nowMs),
    ...(compare === undefined ? {} : { compare: (a: KubeObject, b: KubeObject) => compare(a as never, b as never) }),
  }
}
