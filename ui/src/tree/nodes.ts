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
  readonly uid?: string
  readonly images?: readonly string[]
  /** The node a pod runs on. */
  readonly nodeName?: string
  readonly wave?: number
  /** Changes with every change of the live object. */
  readonly resourceVersion?: string
  readonly isHook?: boolean
  readonly requiresPruning?: boolean
  /** Of a bundle: how many nodes it stands for. */
  readonly count?: number
  /** Present where there are children; true: they are hidden. */
  readonly isFolded?: boolean
  readonly hiddenCount?: number
}

export const ROOT_KEY = 'application'

/** A name for a resource that fits into an address. */
export function resourceKey({ group = '', kind = '', namespace = '', name = '' }: ResourceRef): string {
  return `${group}/${kind}/${namespace}/${name}`
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

/** The application itself. */
export function rootNode({ metadata, status }: Application): TreeNode {
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
    ...particulars(node),
  }
}

function particulars(
  node: ResourceNode,
): Pick<TreeNode, 'createdAt' | 'resourceVersion' | 'uid' | 'images' | 'nodeName'> {
  const { createdAt, resourceVersion, uid, images, info = [] } = node
  const nodeName = info.find(({ name }) => name === 'Node')?.value
  return {
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(uid === undefined ? {} : { uid }),
    ...(images === undefined ? {} : { images }),
    ...(nodeName === undefined ? {} : { nodeName }),
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

function statusParts(
  status: ResourceStatus | undefined,
): Pick<TreeNode, 'sync' | 'isHook' | 'requiresPruning' | 'wave'> {
  return {
    ...(status?.syncWave === undefined ? {} : { wave: status.syncWave }),
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

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
