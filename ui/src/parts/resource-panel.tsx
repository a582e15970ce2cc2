// The panel of one resource: summary, desired and live manifest, difference, events, logs, terminal.
import { lazy, useMemo } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import type { ApplicationTree, ResourceDiff } from '../../../src/crds/tree.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { RESOURCE_TABS, type ResourceTab } from '../search.ts'
import { allNodes, resourceKey as keyOfResource, type TreeNode } from '../tree/nodes.ts'
import { podsBelow } from '../tree/pods.ts'
import { ActionMenu } from './action-menu.tsx'
import { Failure } from './notice.tsx'
import { KindMark } from './kind-mark.tsx'
import { Panel, PanelTabs, TabContent } from './panel.tsx'
import { useText } from './preferences-context.tsx'
import { Summary } from './resource-summary.tsx'
import { useManaged } from './use-managed.ts'

const DesiredManifest = lazy(async () => ({ default: (await import('./manifest-tabs.tsx')).DesiredManifest }))
const LiveManifest = lazy(async () => ({ default: (await import('./live-manifest.tsx')).LiveManifest }))
const ResourceDifference = lazy(async () => ({ default: (await import('./manifest-tabs.tsx')).ResourceDifference }))
const EventsTable = lazy(async () => ({ default: (await import('./events-table.tsx')).EventsTable }))
const LogsTab = lazy(async () => ({ default: (await import('./logs-tab.tsx')).LogsTab }))
const TerminalTab = lazy(async () => ({ default: (await import('./terminal-tab.tsx')).TerminalTab }))

interface PanelProps {
  readonly id: ApplicationId
  readonly application: Application
  readonly tree: ApplicationTree | undefined
  readonly resourceKey: string
  readonly tab: string | undefined
  readonly onTab: (tab: ResourceTab) => void
  readonly onOpen: (key: string) => void
  readonly onClose: () => void
}

export function ResourcePanel({ id, application, tree, resourceKey, tab, onTab, onOpen, onClose }: PanelProps) {
  const text = useText()
  const nodes = useMemo(() => allNodes(application, tree ?? {}), [application, tree])
  const node = nodes.find(({ key }) => key === resourceKey)
  const managed = useManaged(id, application)
  const item = managed.data?.find((candidate) => keyOfResource(candidate) === resourceKey)
  const title = <Title kind={node?.kind ?? ''} name={node?.name ?? resourceKey} />
  return (
    <Panel title={title} menu={<Menu id={id} application={application} node={node} />} onClose={onClose}>
      {node === undefined && tree !== undefined && <p>{text('resource.gone')}</p>}
      {node !== undefined && (
        <>
          <Failure error={managed.error} onRetry={() => void managed.refetch()} />
          <ResourceTabs
            id={id}
            application={application}
            node={node}
            nodes={nodes}
            item={item}
            tab={tab}
            onTab={onTab}
            onOpen={onOpen}
          />
        </>
      )}
    </Panel>
  )
}

interface MenuProps {
  readonly id: ApplicationId
  readonly application: Application
  readonly node: TreeNode | undefined
}

/** What is not there cannot be acted on. */
function Menu({ id, application, node }: MenuProps) {
  if (node?.resource === undefined || node.health === 'Missing') return null
  return <ActionMenu id={id} application={application} resource={node.resource} version={node.resourceVersion ?? ''} />
}

function Title({ kind, name }: { readonly kind: string; readonly name: string }) {
  return (
    <>
      <KindMark kind={kind} />
      <span>
        <span className="muted">{kind}</span> {name}
      </span>
    </>
  )
}

interface TabsProps {
  readonly id: ApplicationId
  readonly application: Application
  readonly node: TreeNode
  readonly nodes: readonly TreeNode[]
  readonly item: ResourceDiff | undefined
  readonly tab: string | undefined
  readonly onTab: (tab: ResourceTab) => void
  readonly onOpen: (key: string) => void
}

function ResourceTabs({ id, application, node, nodes, item, tab, onTab, onOpen }: TabsProps) {
  const text = useText()
  const hasPods = useMemo(() => podsBelow(node, nodes).length > 0, [node, nodes])
  const isDifferent = node.sync === 'OutOfSync'
  const tabs = RESOURCE_TABS.filter((name) => hasPods || (name !== 'logs' && name !== 'terminal')).map((name) => ({
    name,
    label: text(`resource.${name}`),
    isOff: name === 'diff' && !isDifferent,
    reason: text('resource.noDiff'),
  }))
  const shown = tabs.find(({ name, isOff }) => name === tab && !isOff)?.name ?? 'summary'
  const { uid = '', namespace, name } = node
  return (
    <PanelTabs label={text('resource.tabs')} tabs={tabs} shown={shown} onTab={onTab}>
      <TabContent name="summary">
        <Summary application={application} node={node} nodes={nodes} item={item} onOpen={onOpen} />
      </TabContent>
      <TabContent name="desired">
        <DesiredManifest item={item} />
      </TabContent>
      <TabContent name="live">
        <LiveManifest id={id} application={application} node={node} />
      </TabContent>
      <TabContent name="diff">
        {item !== undefined && <ResourceDifference item={item} application={application} />}
      </TabContent>
      <TabContent name="events">
        {uid === '' ? <p>{text('resource.noLive')}</p> : <EventsTable id={id} resource={{ uid, namespace, name }} />}
      </TabContent>
      <TabContent name="logs">
        <LogsTab id={id} application={application} node={node} nodes={nodes} />
      </TabContent>
      <TabContent name="terminal">
        <TerminalTab id={id} application={application} node={node} nodes={nodes} />
      </TabContent>
    </PanelTabs>
  )
}
