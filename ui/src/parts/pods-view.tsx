// The pods of an application by node or by owner.
import { useMemo, useState } from 'react'
import type { ApplicationTree, HostInfo } from '../../../src/crds/tree.ts'
import { matchesFilter, type ResourceFilter } from '../tree/filter.ts'
import type { TreeNode } from '../tree/nodes.ts'
import { groupPods, type PodGroup, type PodGrouping } from '../tree/pods.ts'
import { StatusIcon } from './badge.tsx'
import { KindMark } from './kind-mark.tsx'
import { useText } from './preferences-context.tsx'
import { toneOf } from '../applications/status.ts'

interface PodsProps {
  readonly nodes: readonly TreeNode[]
  readonly tree: ApplicationTree
  readonly filter: ResourceFilter
  readonly onOpen: (key: string) => void
}

const GROUPINGS: readonly PodGrouping[] = ['node', 'owner']

export function PodsView({ nodes, tree, filter, onOpen }: PodsProps) {
  const text = useText()
  const [grouping, setGrouping] = useState<PodGrouping>('node')
  const groups = useMemo(
    () =>
      groupPods(nodes, grouping)
        .map((group) => ({ ...group, pods: group.pods.filter((pod) => matchesFilter(pod, filter)) }))
        .filter(({ pods }) => pods.length > 0),
    [nodes, grouping, filter],
  )
  const hosts = new Map((tree.hosts ?? []).map((host) => [host.name ?? '', host]))
  return (
    <>
      <fieldset className="facets pod-grouping" aria-label={text('pods.grouping')}>
        {GROUPINGS.map((name) => (
          <button
            key={name}
            type="button"
            className="facet"
            aria-pressed={grouping === name}
            onClick={() => setGrouping(name)}
          >
            {text(`pods.by.${name}`)}
          </button>
        ))}
      </fieldset>
      {groups.length === 0 && <p className="empty muted">{text('pods.none')}</p>}
      <ul className="pod-groups">
        {groups.map((group) => (
          <Group
            key={group.key}
            group={group}
            host={grouping === 'node' ? hosts.get(group.key) : undefined}
            onOpen={onOpen}
          />
        ))}
      </ul>
    </>
  )
}

interface GroupProps {
  readonly group: PodGroup
  readonly host: HostInfo | undefined
  readonly onOpen: (key: string) => void
}

function Group({ group, host, onOpen }: GroupProps) {
  const text = useText()
  const { title, kind, pods, ready } = group
  return (
    <li className="card pod-group">
      <h2>
        <KindMark kind={kind} />
        <span className="break">{title === '' ? text('pods.noNode') : title}</span>
        <span className="muted push">{text('pods.ready', { ready, all: pods.length })}</span>
      </h2>
      {host !== undefined && <Usage host={host} />}
      <ul className="pods">
        {pods.map(({ key, name, health = 'Unknown', facts }) => (
          <li key={key}>
            <button
              type="button"
              className={`pod tone-${toneOf(health)}`}
              title={[name, health, ...facts].join(' · ')}
              onClick={() => onOpen(key)}
            >
              <StatusIcon status={health} label={health} />
              <span className="pod-name">{name}</span>
            </button>
          </li>
        ))}
      </ul>
    </li>
  )
}

/** How much of a node its pods ask for. */
function Usage({ host }: { readonly host: HostInfo }) {
  const text = useText()
  const bars = (host.resourcesInfo ?? []).filter(({ capacity = 0 }) => capacity > 0)
  return (
    <dl className="usage">
      {bars.map(({ resourceName = '', capacity = 1, requestedByApp = 0, requestedByNeighbors = 0 }) => (
        <div key={resourceName}>
          <dt>{resourceName}</dt>
          <dd>
            <span
              className="meter"
              title={text('pods.requested', {
                app: percent(requestedByApp, capacity),
                others: percent(requestedByNeighbors, capacity),
              })}
            >
              <span style={{ width: `${percent(requestedByApp, capacity)}%` }} />
              <span className="others" style={{ width: `${percent(requestedByNeighbors, capacity)}%` }} />
            </span>
          </dd>
        </div>
      ))}
    </dl>
  )
}

function percent(part: number, whole: number): number {
  return Math.min(Math.round((part / whole) * 100), 100)
}
