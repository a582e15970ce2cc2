// The resources of an application as a list, sorted by any column; only rows in view are drawn.
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import type { TreeNode } from '../tree/nodes.ts'
import { Badge } from './badge.tsx'
import { KindMark } from './kind-mark.tsx'
import { useText } from './preferences-context.tsx'
import { TimeAgo } from './time-ago.tsx'

interface ListProps {
  readonly nodes: readonly TreeNode[]
  readonly selected: string | undefined
  readonly onOpen: (key: string) => void
}

const COLUMNS = ['kind', 'name', 'namespace', 'sync', 'health', 'wave', 'created'] as const
type Column = (typeof COLUMNS)[number]
const ROW_HEIGHT_PX = 40

export function ResourceList({ nodes, selected, onOpen }: ListProps) {
  const text = useText()
  const frame = useRef<HTMLDivElement>(null)
  const [order, setOrder] = useState<{ readonly column: Column; readonly isDown: boolean }>({
    column: 'kind',
    isDown: false,
  })
  const sorted = useMemo(() => sortNodes(nodes, order.column, order.isDown), [nodes, order])
  // oxlint-disable-next-line react/incompatible-library -- its answers change in place, but components here are not compiled to remember them
  const rows = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: 10,
    getItemKey: (index) => sorted[index]?.key ?? index,
  })
  return (
    <div ref={frame} className="resource-table">
      <table aria-rowcount={sorted.length + 1}>
        <thead>
          <tr className="resource-row head-row" aria-rowindex={1}>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" aria-sort={sortOf(order, column)} className={`cell-${column}`}>
                <button
                  type="button"
                  onClick={() => setOrder({ column, isDown: order.column === column && !order.isDown })}
                >
                  {text(`column.${column}`)}
                  {order.column === column &&
                    (order.isDown ? <ArrowDown className="icon" /> : <ArrowUp className="icon" />)}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="resource-rows" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ key, index, start }) => {
            const node = sorted[index]
            return (
              node !== undefined && (
                <tr
                  key={key}
                  aria-rowindex={index + 2}
                  className={node.key === selected ? 'resource-row selected' : 'resource-row'}
                  style={{ transform: `translateY(${start}px)`, height: ROW_HEIGHT_PX }}
                >
                  <Cells node={node} onOpen={onOpen} />
                </tr>
              )
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function sortOf(order: { readonly column: Column; readonly isDown: boolean }, column: Column) {
  if (order.column !== column) return 'none'
  return order.isDown ? 'descending' : 'ascending'
}

function Cells({ node, onOpen }: { readonly node: TreeNode; readonly onOpen: (key: string) => void }) {
  const text = useText()
  const { key, kind, name, namespace, sync, health, wave, createdAt, isHook, requiresPruning } = node
  return (
    <>
      <td className="cell-kind">
        <KindMark kind={kind} /> <span className="clip">{kind}</span>
      </td>
      <td className="cell-name">
        <button type="button" className="cell-link clip" title={name} onClick={() => onOpen(key)}>
          {name}
        </button>
        {isHook === true && <span className="note">{text('page.hook')}</span>}
        {requiresPruning === true && <span className="note">{text('page.prune')}</span>}
      </td>
      <td className="cell-namespace muted clip">{namespace}</td>
      <td className="cell-sync">{sync !== undefined && <Badge status={sync} />}</td>
      <td className="cell-health">{health !== undefined && <Badge status={health} />}</td>
      <td className="cell-wave muted">{wave}</td>
      <td className="cell-created muted">{createdAt !== undefined && <TimeAgo time={createdAt} />}</td>
    </>
  )
}

function sortNodes(nodes: readonly TreeNode[], column: Column, isDown: boolean): readonly TreeNode[] {
  const sign = isDown ? -1 : 1
  return nodes.toSorted((a, b) => sign * compare(valueOf(a, column), valueOf(b, column)) || compare(a.name, b.name))
}

function valueOf(node: TreeNode, column: Column): string | number {
  switch (column) {
    case 'wave':
      return node.wave ?? 0
    case 'created':
      return node.createdAt ?? ''
    case 'kind':
    case 'name':
    case 'namespace':
    case 'sync':
    case 'health':
      return node[column] ?? ''
  }
}

function compare(a: string | number, b: string | number): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
