// `app get -o tree`: what is managed, and below it what it owns (argo-cd cmd/argocd/commands/tree.go, v3.5.1).
import type { ApplicationTree, ResourceNode } from '../../crds/tree.ts'
import { cells } from '../table.ts'
import type { ResourceRow } from './resource-rows.ts'

/** Tells how old a node is. */
export type AgeOfNode = (node: ResourceNode) => string

/**
 * Rows of the table, heading first; `rows` tell the status of what is managed. With `ageOf` they are those of
 * `tree=detailed`.
 */
export function treeRows(
  tree: ApplicationTree,
  rows: readonly ResourceRow[],
  ageOf?: AgeOfNode,
): readonly (readonly string[])[] {
  const states = new Map(rows.map((row) => [placeOf(row), row]))
  const heading =
    ageOf === undefined
      ? cells('KIND/NAME', 'STATUS', 'HEALTH', 'MESSAGE')
      : cells('KIND/NAME', 'STATUS', 'HEALTH', 'AGE', 'MESSAGE', 'REASON')
  return [
    heading,
    ...branchesOf(tree.nodes ?? []).map(({ twigs, node }) => {
      const state = states.get(placeOf(node))
      const { kind = '', name = '', health } = node
      const known = [`${twigs}${kind}/${name}`, state?.status, state?.health ?? health?.status]
      if (ageOf === undefined) return cells(...known, state?.message)
      return cells(...known, ageOf(node), state?.message, health?.message)
    }),
  ]
}

export interface Branch {
  /** What stands before the node: a line for each ancestor that has more to come, then the node's own twig. */
  readonly twigs: string
  readonly node: ResourceNode
}

/** Those without an owner, each followed by what it owns. Only the first owner of a node counts, as upstream has it. */
export function branchesOf(nodes: readonly ResourceNode[]): readonly Branch[] {
  const children = Map.groupBy(nodes, ({ parentRefs = [] }) => parentRefs[0]?.uid ?? '')
  const roots = nodes.filter(({ parentRefs = [] }) => parentRefs.length === 0)
  return roots.flatMap((root) => branch(root, { indent: '', twig: '', above: [] }))

  function branch(node: ResourceNode, at: Place): readonly Branch[] {
    const above = [...at.above, node]
    // A circle of owners would have no end; what has no identity owns nothing.
    const owned = node.uid ? (children.get(node.uid) ?? []).filter((child) => !above.includes(child)) : []
    const indent = at.indent + ({ '': '', '├─': '│ ', '└─': '  ' } as const)[at.twig]
    return [
      { twigs: at.indent + at.twig, node },
      ...owned.flatMap((child, index) =>
        branch(child, { indent, twig: index === owned.length - 1 ? '└─' : '├─', above }),
      ),
    ]
  }
}

interface Place {
  /** What stands before the row's own twig. */
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
