// The network view: from outside through ingresses and services to the pods that answer.
import type { Application } from '../../../src/crds/application.ts'
import type { ApplicationTree, ResourceNode } from '../../../src/crds/tree.ts'
import { allNodes, resourceKey, rootNode, type TreeNode } from './nodes.ts'

export interface NetworkView {
  readonly nodes: readonly TreeNode[]
  /** Ways beside those of the tree: a pod behind two services stands once. */
  readonly extraLinks: readonly (readonly [from: string, to: string])[]
}

/** Only what traffic passes, the application first. */
export function buildNetwork(application: Application, tree: ApplicationTree): NetworkView {
  const live = (tree.nodes ?? []).filter(({ networkingInfo }) => networkingInfo !== undefined)
  const byKey = new Map(allNodes(application, tree).map((node) => [node.key, node]))
  const parents = new Map<string, string[]>()
  for (const node of live) {
    for (const target of targetsOf(node, live)) {
      const key = resourceKey(target)
      parents.set(key, [...(parents.get(key) ?? []), resourceKey(node)])
    }
  }
  const root = rootNode(application)
  const shown = live.filter((node) => isEntry(node) || parents.has(resourceKey(node)))
  const nodes = shown.flatMap((node) => {
    const key = resourceKey(node)
    const known = byKey.get(key)
    return known === undefined ? [] : [{ ...known, parentKey: parents.get(key)?.[0] ?? root.key, facts: urlsOf(node) }]
  })
  const extraLinks = shown.flatMap((node) => {
    const key = resourceKey(node)
    return (parents.get(key) ?? []).slice(1).map((parent) => [parent, key] as const)
  })
  return { nodes: [root, ...withoutCircles(nodes, root)], extraLinks }
}

function isEntry({ kind, networkingInfo }: ResourceNode): boolean {
  return kind !== 'Pod' && (networkingInfo?.targetLabels ?? networkingInfo?.targetRefs) !== undefined
}

function targetsOf(
  { namespace, networkingInfo }: ResourceNode,
  live: readonly ResourceNode[],
): readonly ResourceNode[] {
  const { targetLabels = {}, targetRefs = [] } = networkingInfo ?? {}
  const wanted = new Set(targetRefs.map(resourceKey))
  const labels = Object.entries(targetLabels)
  return live.filter((node) => {
    if (wanted.has(resourceKey(node))) return true
    const own = node.networkingInfo?.labels
    if (labels.length === 0 || own === undefined || node.namespace !== namespace) return false
    return labels.every(([name, value]) => own[name] === value)
  })
}

function urlsOf({ networkingInfo }: ResourceNode): readonly string[] {
  const { externalURLs = [], ingress = [] } = networkingInfo ?? {}
  const addresses = ingress.map(({ hostname, ip }) => hostname ?? ip ?? '')
  return [...externalURLs, ...addresses].filter(Boolean).slice(0, 2)
}

/** Two that lead to each other would hang in the air: the first goes to the root. */
function withoutCircles(nodes: readonly TreeNode[], root: TreeNode): readonly TreeNode[] {
  const parents = new Map(nodes.map(({ key, parentKey }) => [key, parentKey]))
  return nodes.map((node) => {
    const seen = new Set<string>()
    let above: string | undefined = node.key
    while (above !== undefined && above !== root.key && !seen.has(above)) {
      seen.add(above)
      above = parents.get(above)
    }
    if (above === root.key) return node
    parents.set(node.key, root.key)
    return { ...node, parentKey: root.key }
  })
}
