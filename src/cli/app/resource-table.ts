// `app resources`: what is managed and what is orphaned, as a list or as trees (argo-cd cmd/argocd/commands/app_resources.go, v3.5.1).
import type { ApplicationTree, ResourceNode } from '../../crds/tree.ts'
import { cells } from '../table.ts'
import { branchesOf, type AgeOfNode, type Branch } from './tree-rows.ts'

export const RESOURCE_FORMATS = ['wide', 'tree', 'tree=detailed'] as const

export interface ResourceTableOptions {
  readonly format: (typeof RESOURCE_FORMATS)[number]
  /** What is managed is left out. */
  readonly isOrphanedOnly: boolean
  readonly ageOf: AgeOfNode
}

/** Rows of the table, heading first: what is managed comes before what is orphaned. */
export function resourceTable(tree: ApplicationTree, options: ResourceTableOptions): readonly (readonly string[])[] {
  const { nodes = [], orphanedNodes = [] } = tree
  const { format, isOrphanedOnly, ageOf } = options
  const isDetailed = format === 'tree=detailed'
  const heading = cells('GROUP', 'KIND', 'NAMESPACE', 'NAME', 'ORPHANED')
  const rowOf = ({ twigs, node }: Branch, orphaned: string): readonly string[] => [
    ...cells(`${twigs}${node.group ?? ''}`, node.kind, node.namespace, node.name, orphaned),
    ...(isDetailed ? cells(ageOf(node), node.health?.status, node.health?.message) : []),
  ]
  const managed = isOrphanedOnly ? [] : format === 'wide' ? rootsOf(nodes) : branchesOf(nodes)
  const orphaned = format === 'wide' ? orphanedNodes.map(asRoot) : branchesOf(orphanedNodes)
  return [
    isDetailed ? [...heading, 'AGE', 'HEALTH', 'REASON'] : heading,
    ...managed.map((branch) => rowOf(branch, 'No')),
    ...orphaned.map((branch) => rowOf(branch, 'Yes')),
  ]
}

function rootsOf(nodes: readonly ResourceNode[]): readonly Branch[] {
  return nodes.filter(({ parentRefs = [] }) => parentRefs.length === 0).map(asRoot)
}

function asRoot(node: ResourceNode): Branch {
  return { twigs: '', node }
}
