// What of the resources is drawn as a tree: filtered, leaves that are alike in bundles, folded.
import type { Application } from '../../../src/crds/application.ts'
import type { ApplicationTree } from '../../../src/crds/tree.ts'
import { foldNodes, keepMatching, NO_FILTER, type ResourceFilter } from './filter.ts'
import { allNodes, rootNode, type TreeNode } from './nodes.ts'

/** More leaves of one kind and health below one parent are drawn as one bundle until it is opened. */
export const MAX_EQUAL_LEAVES = 6

export interface TreeChoice {
  /** Bundles that were opened. */
  readonly opened?: ReadonlySet<string>
  /** Nodes whose children are hidden. */
  readonly folded?: ReadonlySet<string>
  readonly filter?: ResourceFilter
}

/** What is drawn, the application first: leaves that are alike in bundles, except those that were opened. */
export function buildTree(
  application: Application,
  tree: ApplicationTree,
  { opened = NOTHING, folded = NOTHING, filter = NO_FILTER }: TreeChoice = {},
): readonly TreeNode[] {
  const nodes = keepMatching(allNodes(application, tree), filter)
  return foldNodes([rootNode(application), ...bundleLeaves(nodes, opened)], folded)
}

const NOTHING: ReadonlySet<string> = new Set()

function bundleLeaves(nodes: readonly TreeNode[], opened: ReadonlySet<string>): readonly TreeNode[] {
  const parents = new Set(nodes.map(({ parentKey }) => parentKey))
  const groups = Map.groupBy(nodes, (node) => (parents.has(node.key) ? node.key : bundleKey(node)))
  return [...groups].flatMap(([key, members]) => {
    const [first] = members
    if (first === undefined || members.length <= MAX_EQUAL_LEAVES || opened.has(key)) return members
    return [
      {
        key,
        parentKey: first.parentKey,
        kind: first.kind,
        name: '',
        namespace: first.namespace,
        ...(first.sync === undefined ? {} : { sync: first.sync }),
        ...(first.health === undefined ? {} : { health: first.health }),
        facts: [],
        count: members.length,
      },
    ]
  })
}

function bundleKey({ parentKey = '', kind, health = '', sync = '' }: TreeNode): string {
  return `bundle:${parentKey}:${kind}:${health}:${sync}`
}
