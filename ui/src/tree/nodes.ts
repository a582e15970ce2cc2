// The resource tree as the page shows it: what is live, what is missing, and bundles of equal leaves.
import type { Application, ResourceStatus } from '../../../src/crds/application.ts'
import type { ApplicationTree, ResourceNode, ResourceRef } from '../../../src/crds/tree.ts'
import type { ResourceId } from '../api/shapes.ts'

export interface TreeNode {
  readonly key: string
  readonly parentKey: string | undefined
  readonly kind: string
  readonly name: string
  readonly namespace: string
  /** Absent on the application itself and on bundles. */
  readonly resource?: ResourceId
  readonly sync?: string
  readonly health?: string
  readonly healthMessage?: string
  /** Short facts: ready containers, revision, images. */
  readonly facts: readonly string[]
  readonly createdAt?: string
  /** Changes with every change of the live object. */
  readonly resourceVersion?: string
  readonly isHook?: boolean
  readonly requiresPruning?: boolean
  /** Of a bundle: how many nodes it stands for. */
  readonly count?: number
}

/** More leaves of one kind and health below one parent are drawn as one bundle until it is opened. */
export const MAX_EQUAL_LEAVES = 6
export const ROOT_KEY = 'application'

/** A name for a resource that fits into an address. */
export function resourceKey({ group = '', kind = '', namespace = '', name = '' }: ResourceRef): string {
  return `${group}/${kind}/${namespace}/${name}`
}

/** What is drawn, the application first: leaves that are alike in bundles, except those that were opened. */
export function buildTree(
  application: Application,
  tree: ApplicationTree,
  opened: ReadonlySet<string> = new Set(),
): readonly TreeNode[] {
  return [rootNode(application), ...bundleLeaves(allNodes(application, tree), opened)]
}

/** Every resource, live or missing, by kind and name. */
export function allNodes(application: Application, tree: ApplicationTree): readonly TreeNode[] {
  const statuses = new Map((application.status?.resources ?? []).map((status) => [resourceKey(status), status]))
  const live = new Map((tree.nodes ?? []).map((node) => [resourceKey(node), node]))
  const missing = [...statuses].filter(([key]) => !live.has(key)).map(([, status]) => missingNode(status))
  return [...live]
    .map(([key, node]) => liveNode(key, node, { statuses, live }))
    .concat(missing)
    .toSorted((a, b) => compareText(a.kind, b.kind) || compareText(a.name, b.name))
}

interface Known {
  readonly statuses: ReadonlyMap<string, ResourceStatus>
  readonly live: ReadonlyMap<string, ResourceNode>
}

function rootNode({ metadata, status }: Application): TreeNode {
  return {
    key: ROOT_KEY,
    parentKey: undefined,
    kind: 'Application',
    name: metadata.name ?? '',
    namespace: metadata.namespace ?? '',
    sync: status?.sync?.status ?? 'Unknown',
    health: status?.health?.status ?? 'Unknown',
    facts: [],
  }
}

function liveNode(key: string, node: ResourceNode, { statuses, live }: Known): TreeNode {
  const parent = node.parentRefs?.map(resourceKey).find((parentKey) => parentKey !== key && live.has(parentKey))
  const { status, message } = node.health ?? {}
  return {
    key,
    parentKey: parent ?? ROOT_KEY,
    kind: node.kind ?? '',
    name: node.name ?? '',
    namespace: node.namespace ?? '',
    resource: idOf(node),
    ...statusParts(statuses.get(key)),
    ...(status === undefined ? {} : { health: status }),
    ...(message === undefined || message === '' ? {} : { healthMessage: message }),
    facts: factsOf(node),
    ...(node.createdAt === undefined ? {} : { createdAt: node.createdAt }),
    ...(node.resourceVersion === undefined ? {} : { resourceVersion: node.resourceVersion }),
  }
}

/** What Git has and the cluster has not. */
function missingNode(status: ResourceStatus): TreeNode {
  return {
    key: resourceKey(status),
    parentKey: ROOT_KEY,
    kind: status.kind ?? '',
    name: status.name ?? '',
    namespace: status.namespace ?? '',
    resource: idOf(status),
    ...statusParts(status),
    health: status.health?.status ?? 'Missing',
    facts: [],
  }
}

function idOf({ group = '', version = '', kind = '', namespace = '', name = '' }: ResourceRef): ResourceId {
  return { group, version, kind, namespace, name }
}

function statusParts(status: ResourceStatus | undefined): Pick<TreeNode, 'sync' | 'isHook' | 'requiresPruning'> {
  return {
    ...(status?.status === undefined ? {} : { sync: status.status }),
    ...(status?.hook === true ? { isHook: true } : {}),
    ...(status?.requiresPruning === true ? { requiresPruning: true } : {}),
  }
}

/** Names up to this length fit into a box. */
const FITTING_NAME_LENGTH = 24
const KEPT_END_LENGTH = 6

/** A name in two parts; the second, empty for short names, is to be shown whole. */
export function splitName(name: string): readonly [string, string] {
  if (name.length <= FITTING_NAME_LENGTH) return [name, '']
  return [name.slice(0, -KEPT_END_LENGTH), name.slice(-KEPT_END_LENGTH)]
}

const SHOWN_INFO = new Set(['Status Reason', 'Containers', 'Revision', 'Restart Count'])

function factsOf({ info = [], kind }: ResourceNode): readonly string[] {
  return info
    .filter(({ name = '', value = '' }) => SHOWN_INFO.has(name) && !(kind === 'Pod' && value === 'Running'))
    .map(({ name, value = '' }) => (name === 'Restart Count' ? `↻ ${value}` : value.replace(/^Rev:/, 'rev ')))
}

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

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
