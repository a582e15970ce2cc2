// The panel of one resource: summary, desired and live manifest, difference.
import { X } from 'lucide-react'
import { Tabs } from 'radix-ui'
import { Children, lazy, Suspense, useEffect, useMemo, useRef, type ReactNode } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import type { ApplicationTree } from '../../../src/crds/tree.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { RESOURCE_TABS, type ResourceTab } from '../search.ts'
import { allNodes, resourceKey as keyOfResource, type TreeNode } from '../tree/nodes.ts'
import { Badge } from './badge.tsx'
import { Failure } from './notice.tsx'
import { useManaged } from './use-managed.ts'
import { useText } from './preferences-context.tsx'
import { TimeAgo } from './time-ago.tsx'

const DesiredManifest = lazy(async () => ({ default: (await import('./manifest-tabs.tsx')).DesiredManifest }))
const LiveManifest = lazy(async () => ({ default: (await import('./live-manifest.tsx')).LiveManifest }))
const ResourceDifference = lazy(async () => ({ default: (await import('./manifest-tabs.tsx')).ResourceDifference }))

interface PanelProps {
  readonly id: ApplicationId
  readonly application: Application
  readonly tree: ApplicationTree | undefined
  readonly resourceKey: string
  readonly tab: ResourceTab
  readonly onTab: (tab: ResourceTab) => void
  readonly onClose: () => void
}

export function ResourcePanel({ id, application, tree, resourceKey, tab, onTab, onClose }: PanelProps) {
  const text = useText()
  const panel = useRef<HTMLElement>(null)
  const nodes = useMemo(() => allNodes(application, tree ?? {}), [application, tree])
  const node = nodes.find(({ key }) => key === resourceKey)
  const managed = useManaged(id, application)
  const item = managed.data?.find((candidate) => keyOfResource(candidate) === resourceKey)
  const isDifferent = node?.sync === 'OutOfSync'
  const shown = tab === 'diff' && !isDifferent ? 'summary' : tab
  useEffect(() => {
    const opener = document.activeElement
    panel.current?.focus()
    const close = (event: KeyboardEvent): void => {
      const isTaken = event.defaultPrevented || document.querySelector('[role=dialog]') !== null
      if (event.key === 'Escape' && !isTaken) onClose()
    }
    document.addEventListener('keydown', close)
    return () => {
      document.removeEventListener('keydown', close)
      if (opener instanceof HTMLElement) opener.focus()
    }
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the opener is who had the focus first
  }, [])
  return (
    <aside ref={panel} className="panel" aria-labelledby="panel-title" tabIndex={-1}>
      <div className="panel-head">
        <h2 id="panel-title">
          <span className="muted">{node?.kind}</span> {node?.name ?? resourceKey}
        </h2>
        <button type="button" className="button plain" aria-label={text('app.close')} onClick={onClose}>
          <X className="icon" aria-hidden />
        </button>
      </div>
      {node === undefined && tree !== undefined && <p>{text('resource.gone')}</p>}
      {node !== undefined && (
        <Tabs.Root value={shown} onValueChange={(value) => onTab(tabOf(value))}>
          <Tabs.List className="tabs" aria-label={text('resource.tabs')}>
            {RESOURCE_TABS.map((name) => (
              <Tabs.Trigger key={name} value={name} className="tab" disabled={name === 'diff' && !isDifferent}>
                {text(`resource.${name}`)}
              </Tabs.Trigger>
            ))}
          </Tabs.List>
          <Failure error={managed.error} />
          <TabContent name="summary">
            <Summary node={node} />
          </TabContent>
          <TabContent name="desired">
            <DesiredManifest item={item} />
          </TabContent>
          <TabContent name="live">
            <LiveManifest id={id} node={node} />
          </TabContent>
          <TabContent name="diff">{item !== undefined && <ResourceDifference item={item} />}</TabContent>
        </Tabs.Root>
      )}
    </aside>
  )
}

function TabContent({ name, children }: { readonly name: ResourceTab; readonly children: ReactNode }) {
  return (
    <Tabs.Content value={name} className="tab-content">
      <Suspense>{children}</Suspense>
    </Tabs.Content>
  )
}

function tabOf(value: string): ResourceTab {
  return RESOURCE_TABS.find((name) => name === value) ?? 'summary'
}

function Summary({ node }: { readonly node: TreeNode }) {
  const text = useText()
  const { kind, name, namespace, createdAt, sync, health, healthMessage, facts, resource } = node
  return (
    <dl className="facts">
      <Fact label={text('resource.kind')}>{[resource?.group, resource?.version, kind].filter(Boolean).join('/')}</Fact>
      <Fact label={text('resource.name')}>{name}</Fact>
      <Fact label={text('resource.namespace')}>{namespace}</Fact>
      <Fact label={text('resource.created')}>{createdAt !== undefined && <TimeAgo time={createdAt} />}</Fact>
      <Fact label={text('resource.sync')}>{sync !== undefined && <Badge status={sync} />}</Fact>
      <Fact label={text('resource.health')}>
        {health !== undefined && <Badge status={health} />}
        {healthMessage !== undefined && <p className="message">{healthMessage}</p>}
      </Fact>
      <Fact label={text('resource.facts')}>{facts.join(' · ')}</Fact>
    </dl>
  )
}

/** Nothing where there is nothing to say. */
function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  const isEmpty = Children.toArray(children).every((child) => child === '')
  if (isEmpty) return null
  return (
    <div>
      <dt>{label}</dt>
      <dd className="break">{children}</dd>
    </div>
  )
}
