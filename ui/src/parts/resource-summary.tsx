// What a resource is, what owns it, who manages its fields, what was synced of it last.
import { Children, useMemo, type ReactNode } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import type { ResourceDiff } from '../../../src/crds/tree.ts'
import { trackedBy } from '../manifest/tracking.ts'
import { resourceKey, type TreeNode } from '../tree/nodes.ts'
import { ownersOf } from '../tree/pods.ts'
import { Badge } from './badge.tsx'
import { CopyButton } from './copy-button.tsx'
import { KindMark } from './kind-mark.tsx'
import { useText } from './preferences-context.tsx'
import { TimeAgo } from './time-ago.tsx'

interface SummaryProps {
  readonly application: Application
  readonly node: TreeNode
  readonly nodes: readonly TreeNode[]
  readonly item: ResourceDiff | undefined
  readonly onOpen: (key: string) => void
}

export function Summary({ application, node, nodes, item, onOpen }: SummaryProps) {
  const text = useText()
  const { kind, name, namespace, createdAt, sync, health, healthMessage, facts, resource, images = [] } = node
  const owners = useMemo(() => ownersOf(node, nodes), [node, nodes])
  const children = useMemo(() => nodes.filter(({ parentKey }) => parentKey === node.key), [node, nodes])
  const tracking = useMemo(() => trackedBy(item?.liveState), [item])
  return (
    <>
      <dl className="facts">
        <Fact label={text('resource.kind')}>
          {[resource?.group, resource?.version, kind].filter(Boolean).join('/')}
        </Fact>
        <Fact label={text('resource.name')}>
          <span className="with-copy">
            {name}
            <CopyButton value={name} label={name} />
          </span>
        </Fact>
        <Fact label={text('resource.namespace')}>{namespace}</Fact>
        <Fact label={text('resource.created')}>{createdAt !== undefined && <Created time={createdAt} />}</Fact>
        <Fact label={text('resource.sync')}>{sync !== undefined && <Badge status={sync} />}</Fact>
        <Fact label={text('resource.health')}>
          {health !== undefined && <Badge status={health} />}
          {healthMessage !== undefined && <p className="message">{healthMessage}</p>}
        </Fact>
        <Fact label={text('resource.facts')}>{facts.join(' · ')}</Fact>
        <Fact label={text('resource.node')}>{node.nodeName ?? ''}</Fact>
        <Fact label={text('resource.images')}>
          {images.map((image) => (
            <code key={image} className="block">
              {image}
            </code>
          ))}
        </Fact>
        <Fact label={text('resource.wave')}>{node.wave === undefined ? '' : String(node.wave)}</Fact>
        <Fact label={text('resource.managedBy')}>{tracking === '' ? '' : <code>{tracking}</code>}</Fact>
        <Fact label={text('resource.owners')}>
          {owners.map((owner) => (
            <NodeLink key={owner.key} node={owner} onOpen={onOpen} />
          ))}
        </Fact>
        <Fact label={text('resource.children')}>
          {children.slice(0, MAX_CHILDREN).map((child) => (
            <NodeLink key={child.key} node={child} onOpen={onOpen} />
          ))}
          {children.length > MAX_CHILDREN && (
            <p className="muted">{text('resource.more', { count: children.length - MAX_CHILDREN })}</p>
          )}
        </Fact>
      </dl>
      <LastResult application={application} node={node} />
    </>
  )
}

const MAX_CHILDREN = 12

function Created({ time }: { readonly time: string }) {
  return (
    <>
      <TimeAgo time={time} /> <span className="muted small">{time}</span>
    </>
  )
}

function NodeLink({ node, onOpen }: { readonly node: TreeNode; readonly onOpen: (key: string) => void }) {
  return (
    <button type="button" className="node-link" onClick={() => onOpen(node.key)}>
      <KindMark kind={node.kind} />
      <span className="break">
        <span className="muted">{node.kind}</span> {node.name}
      </span>
      {node.health !== undefined && <Badge status={node.health} />}
    </button>
  )
}

/** What the last operation did to the resource. */
function LastResult({ application, node }: { readonly application: Application; readonly node: TreeNode }) {
  const text = useText()
  const results = (application.status?.operationState?.syncResult?.resources ?? []).filter(
    (result) => resourceKey(result) === node.key,
  )
  if (results.length === 0) return null
  return (
    <section className="last-result">
      <h3>{text('resource.lastSync')}</h3>
      {results.map(({ status, hookPhase = '', message, syncPhase = '', hookType }) => (
        <p key={syncPhase + (hookType ?? '')}>
          <Badge status={status ?? hookPhase} /> <span className="muted">{syncPhase}</span>{' '}
          <span className="break">{message}</span>
        </p>
      ))}
    </section>
  )
}

/** Nothing where there is nothing to say. */
export function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  const isEmpty = Children.toArray(children).every((child) => child === '')
  if (isEmpty) return null
  return (
    <div>
      <dt>{label}</dt>
      <dd className="break">{children}</dd>
    </div>
  )
}
