// `app get -o tree`: what is managed, and below it what it owns (argo-cd cmd/argocd/commands/tree.go, v3.5.1).
import type { ApplicationTree, ResourceNode } from '../../crds/tree.ts'
import { cells } from '../table.ts'
import type { ResourceRow } from './resource-rows.ts'

const HEADING = cells('KIND/NAME', 'STATUS', 'HEALTH', 'MESSAGE')

/** Rows of the table, heading first; `rows` tell the status of what is managed. */
export function treeRows(tree: ApplicationTree, rows: readonly ResourceRow[]): readonly (readonly string[])[] {
  const nodes = tree.nodes ?? []
  const states = new Map(rows.map((row) => [placeOf(row), row]))
  const children = Map.groupBy(
    nodes.flatMap((node) => (node.parentRefs ?? []).map(({ uid = '' }) => ({ uid, node }))),
    ({ uid }) => uid,
  )
  const roots = nodes.filter(({ parentRefs = [] }) => parentRefs.length === 0)
  return [HEADING, ...roots.flatMap((root) => branch(root, { indent: '', twig: '', above: [] }))]

  function branch(node: ResourceNode, at: Place): readonly (readonly string[])[] {
    const state = states.get(placeOf(node))
    const name = `${at.indent}${at.twig}${node.kind ?? ''}/${node.name ?? ''}`
    const row = cells(name, state?.status, state?.health ?? node.health?.status, state?.message)
    const above = [...at.above, node]
    // A circle of owners would have no end.
    const owned = (children.get(node.uid ?? '') ?? []).filter((child) => !above.includes(child.node))
    const indent = at.indent + ({ '': '', '├─': '│ ', '└─': '  ' } as const)[at.twig]
    return [
      row,
      ...owned.flatMap((child, index) =>
        branch(child.node, { indent, twig: index === owned.length - 1 ? '└─' : '├─', above }),
      ),
    ]
  }
}

interface Place {
  /** What stands before the row's own twig: a line for each ancestor that has more to come. */
  readonly indent: string
  readonly twig: '' | '├─' | '└─'
  readonly above: readonly ResourceNode[]
}

function placeOf({
  group,
  kind,
  namespace,
  name,
}: Pick<ResourceNode, 'group' | 'kind' | 'namespace' | 'name'>): string {
  return cells(group, kind, namespace, name).join('/')
}
