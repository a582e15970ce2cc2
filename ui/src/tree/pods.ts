// The pods of an application in groups: by the node they run on, or by what owns them.
import type { TreeNode } from './nodes.ts'

export type PodGrouping = 'node' | 'owner'

export interface PodGroup {
  readonly key: string
  readonly title: string
  readonly kind: string
  readonly pods: readonly TreeNode[]
  readonly ready: number
}

/** Groups sorted by name, pods as they come; a pod that no node has yet stands in a group without a title. */
export function groupPods(nodes: readonly TreeNode[], grouping: PodGrouping): readonly PodGroup[] {
  const byKey = new Map(nodes.map((node) => [node.key, node]))
  const pods = nodes.filter(({ kind, resource }) => kind === 'Pod' && resource?.group === '')
  const groups = Map.groupBy(pods, (pod) => (grouping === 'node' ? (pod.nodeName ?? '') : ownerOf(pod, byKey).key))
  return [...groups]
    .map(([key, members]) => {
      const owner = grouping === 'owner' ? byKey.get(key) : undefined
      return {
        key,
        title: owner?.name ?? key,
        kind: owner?.kind ?? 'Node',
        pods: members,
        ready: members.filter(({ health }) => health === 'Healthy').length,
      }
    })
    .toSorted((a, b) => (a.title < b.title ? -1 : 1))
}

/** The topmost owner: a Deployment, not its ReplicaSet. */
function ownerOf(pod: TreeNode, byKey: ReadonlyMap<string, TreeNode>): TreeNode {
  let owner = pod
  for (let above = byKey.get(pod.parentKey ?? ''); above !== undefined; above = byKey.get(above.parentKey ?? '')) {
    owner = above
  }
  return owner
}

/** What stands between a resource and the application: the nearest owner first. */
export function ownersOf(node: TreeNode, nodes: readonly TreeNode[]): readonly TreeNode[] {
  const byKey = new Map(nodes.map((other) => [other.key, other]))
  const owners: TreeNode[] = []
  for (let above = byKey.get(node.parentKey ?? ''); above !== undefined; above = byKey.get(above.parentKey ?? '')) {
    owners.push(above)
  }
  return owners
}

/** The pods at or below a resource. */
export function podsBelow(node: TreeNode, nodes: readonly TreeNode[]): readonly TreeNode[] {
  const byKey = new Map(nodes.map((other) => [other.key, other]))
  return nodes.filter((pod) => {
    if (pod.kind !== 'Pod' || pod.resource?.group !== '') return false
    for (let above: TreeNode | undefined = pod; above !== undefined; above = byKey.get(above.parentKey ?? '')) {
      if (above.key === node.key) return true
    }
    return false
  })
}
