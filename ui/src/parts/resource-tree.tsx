// The tree of an application's resources: boxes that can be reached by arrow keys, lines between them.
import { useMemo, useRef, useState, type KeyboardEvent } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import type { ApplicationTree } from '../../../src/crds/tree.ts'
import { layOut, neighbour, NODE_HEIGHT, NODE_WIDTH, type Direction, type PlacedNode } from '../tree/layout.ts'
import { buildTree, ROOT_KEY, splitName, type TreeNode } from '../tree/nodes.ts'
import { StatusIcon } from './badge.tsx'
import { useText } from './preferences-context.tsx'

interface TreeProps {
  readonly application: Application
  readonly tree: ApplicationTree
  readonly selected: string | undefined
  readonly onOpen: (key: string) => void
}

const DIRECTIONS: ReadonlySet<string> = new Set<Direction>([
  'ArrowUp',
  'ArrowDown',
  'ArrowLeft',
  'ArrowRight',
  'Home',
  'End',
])

function isDirection(key: string): key is Direction {
  return DIRECTIONS.has(key)
}

export function ResourceTree({ application, tree, selected, onOpen }: TreeProps) {
  const text = useText()
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const [active, setActive] = useState(selected ?? ROOT_KEY)
  const frame = useRef<HTMLDivElement>(null)
  const layout = useMemo(() => layOut(buildTree(application, tree, opened)), [application, tree, opened])
  const isActiveThere = layout.nodes.some(({ node }) => node.key === active)
  const current = isActiveThere ? active : ROOT_KEY
  function go(key: string): void {
    setActive(key)
    frame.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus()
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (!isDirection(event.key)) return
    event.preventDefault()
    const next = neighbour(layout, current, event.key)
    if (next !== undefined) go(next)
  }
  function choose({ key, count }: TreeNode): void {
    setActive(key)
    if (count !== undefined) setOpened(new Set([...opened, key]))
    else if (key !== ROOT_KEY) onOpen(key)
  }
  const name = application.metadata.name ?? ''
  return (
    <section className="tree-section" aria-label={text('page.tree', { name })}>
      <p className="muted keys">{text(layout.nodes.length > 1 ? 'page.treeHint' : 'page.noResources')}</p>
      <div ref={frame} className="tree-frame">
        <div
          role="tree"
          aria-label={text('page.tree', { name })}
          className="tree"
          style={{ width: layout.width, height: layout.height }}
          onKeyDown={onKeyDown}
          tabIndex={-1}
        >
          <svg className="tree-lines" width={layout.width} height={layout.height} aria-hidden="true">
            {layout.lines.map(({ key, path }) => (
              <path key={key} d={path} />
            ))}
          </svg>
          {layout.nodes.map((placed) => (
            <TreeBox
              key={placed.node.key}
              placed={placed}
              isActive={placed.node.key === current}
              isSelected={placed.node.key === selected}
              onChoose={() => choose(placed.node)}
            />
          ))}
        </div>
      </div>
    </section>
  )
}

interface BoxProps {
  readonly placed: PlacedNode
  readonly isActive: boolean
  readonly isSelected: boolean
  readonly onChoose: () => void
}

function TreeBox({ placed, isActive, isSelected, onChoose }: BoxProps) {
  const text = useText()
  const { node, x, y, level } = placed
  const { key, kind, count, sync, health, facts } = node
  const name = count === undefined ? node.name : text('page.bundle', { count, kind })
  const marks = [node.isHook === true ? text('page.hook') : '', node.requiresPruning === true ? text('page.prune') : '']
  const notes = [...facts, ...marks].filter(Boolean)
  return (
    <button
      type="button"
      role="treeitem"
      aria-level={level}
      aria-selected={isSelected}
      data-key={key}
      tabIndex={isActive ? 0 : -1}
      className={`node${count === undefined ? '' : ' bundle'}${key === ROOT_KEY ? ' root' : ''}`}
      style={{ left: x, top: y, width: NODE_WIDTH, height: NODE_HEIGHT }}
      onClick={onChoose}
      title={node.healthMessage ?? name}
    >
      <span className="node-kind">
        {kind}
        {notes.map((note) => (
          <span key={note} className="note">
            {note}
          </span>
        ))}
      </span>
      <NodeName name={name} />
      <span className="node-marks">
        {health !== undefined && <StatusIcon status={health} label={health} />}
        {sync !== undefined && <StatusIcon status={sync} label={sync} />}
      </span>
    </button>
  )
}

/** Names of pods differ at their end: that is kept where a name is too long. */
function NodeName({ name }: { readonly name: string }) {
  const [start, end] = splitName(name)
  return (
    <span className="node-name">
      <span className="node-start">{start}</span>
      {end}
    </span>
  )
}
