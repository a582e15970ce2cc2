// The tree of an application's resources: boxes that can be reached by arrow keys, lines between them, only what is in view.
import { ChevronDown, ChevronRight, Maximize, Minus, Plus } from 'lucide-react'
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { layOut, neighbour, NODE_HEIGHT, NODE_WIDTH, type Direction, type PlacedNode } from '../tree/layout.ts'
import { ROOT_KEY, splitName, type TreeNode } from '../tree/nodes.ts'
import { fitZoom, stepZoom, windowOf } from '../tree/viewport.ts'
import { StatusIcon } from './badge.tsx'
import { KindMark } from './kind-mark.tsx'
import { useText } from './preferences-context.tsx'
import { useViewport } from './use-viewport.ts'

interface TreeProps {
  readonly name: string
  readonly nodes: readonly TreeNode[]
  readonly extraLinks?: readonly (readonly [string, string])[]
  readonly selected: string | undefined
  readonly onOpen: (key: string) => void
  readonly onUnbundle: (key: string) => void
  readonly onFold: (key: string) => void
}

const DIRECTIONS: ReadonlySet<string> = new Set<Direction>([
  'ArrowUp',
  'ArrowDown',
  'ArrowLeft',
  'ArrowRight',
  'Home',
  'End',
])
const SIZE = { width: NODE_WIDTH, height: NODE_HEIGHT }
/** What a person should see first. */
const URGENT: ReadonlySet<string> = new Set(['Degraded', 'Missing'])

function isDirection(key: string): key is Direction {
  return DIRECTIONS.has(key)
}

export function ResourceTree({ name, nodes, extraLinks, selected, onOpen, onUnbundle, onFold }: TreeProps) {
  const text = useText()
  const [active, setActive] = useState(selected ?? ROOT_KEY)
  const frame = useRef<HTMLDivElement>(null)
  const { viewport, setZoom } = useViewport(frame)
  const layout = useMemo(() => layOut(nodes, extraLinks), [nodes, extraLinks])
  const drawn = useMemo(() => windowOf(layout, SIZE, viewport), [layout, viewport])
  const isActiveThere = layout.nodes.some(({ node }) => node.key === active)
  const current = isActiveThere ? active : ROOT_KEY
  const { zoom } = viewport

  function show(key: string): void {
    const spot = layout.nodes.find(({ node }) => node.key === key)
    const element = frame.current
    if (spot === undefined || element === null) return
    element.scrollTo(
      Math.max(0, (spot.x + NODE_WIDTH / 2) * zoom - element.clientWidth / 2),
      Math.max(0, (spot.y + NODE_HEIGHT / 2) * zoom - element.clientHeight / 2),
    )
  }
  useShowUrgent(nodes, show)

  function go(key: string): void {
    setActive(key)
    const box = frame.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)
    if (box !== null && box !== undefined) {
      box.focus()
      return
    }
    show(key)
    // It is drawn once the frame has told what is in view now.
    requestAnimationFrame(() =>
      requestAnimationFrame(() =>
        frame.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true }),
      ),
    )
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (!isDirection(event.key)) return
    event.preventDefault()
    const next = neighbour(layout, current, event.key)
    if (next !== undefined) go(next)
  }
  function choose({ key, count }: TreeNode): void {
    setActive(key)
    if (count === undefined) onOpen(key)
    else onUnbundle(key)
  }
  return (
    <div className="canvas">
      <div ref={frame} className="tree-frame">
        <div
          role="tree"
          aria-label={text('page.tree', { name })}
          className="tree"
          style={{ width: layout.width * zoom, height: layout.height * zoom }}
          onKeyDown={onKeyDown}
          tabIndex={-1}
        >
          <div className="tree-zoom" style={{ transform: `scale(${zoom})` }} role="presentation">
            <svg className="tree-lines" width={layout.width} height={layout.height} aria-hidden="true">
              {drawn.lines.map(({ key, path }) => (
                <path key={key} d={path} />
              ))}
            </svg>
            {drawn.nodes.map((placed) => (
              <TreeBox
                key={placed.node.key}
                placed={placed}
                isActive={placed.node.key === current}
                isSelected={placed.node.key === selected}
                onChoose={() => choose(placed.node)}
                onFold={() => onFold(placed.node.key)}
              />
            ))}
          </div>
        </div>
      </div>
      <ZoomBar
        zoom={zoom}
        onZoom={setZoom}
        onFit={() => setZoom(fitZoom(layout, { width: viewport.width - 24, height: viewport.height - 24 }))}
      />
    </div>
  )
}

/** Once, when the tree comes: what is wrong is brought into view. */
function useShowUrgent(nodes: readonly TreeNode[], show: (key: string) => void): void {
  const isShown = useRef(false)
  useEffect(() => {
    if (isShown.current || nodes.length < 2) return
    isShown.current = true
    const urgent = nodes.find(({ key, health = '' }) => key !== ROOT_KEY && URGENT.has(health))
    if (urgent !== undefined) show(urgent.key)
  })
}

interface ZoomProps {
  readonly zoom: number
  readonly onZoom: (zoom: number) => void
  readonly onFit: () => void
}

function ZoomBar({ zoom, onZoom, onFit }: ZoomProps) {
  const text = useText()
  return (
    <fieldset className="zoom-bar" aria-label={text('tree.zoom')}>
      <button
        type="button"
        aria-label={text('tree.zoomOut')}
        title={text('tree.zoomOut')}
        onClick={() => onZoom(stepZoom(zoom, -1))}
      >
        <Minus className="icon" aria-hidden />
      </button>
      <button type="button" className="zoom-level" title={text('tree.zoomReset')} onClick={() => onZoom(1)}>
        {Math.round(zoom * 100)}%
      </button>
      <button
        type="button"
        aria-label={text('tree.zoomIn')}
        title={text('tree.zoomIn')}
        onClick={() => onZoom(stepZoom(zoom, 1))}
      >
        <Plus className="icon" aria-hidden />
      </button>
      <button type="button" aria-label={text('tree.fit')} title={text('tree.fit')} onClick={onFit}>
        <Maximize className="icon" aria-hidden />
      </button>
    </fieldset>
  )
}

interface BoxProps {
  readonly placed: PlacedNode
  readonly isActive: boolean
  readonly isSelected: boolean
  readonly onChoose: () => void
  readonly onFold: () => void
}

function TreeBox({ placed, isActive, isSelected, onChoose, onFold }: BoxProps) {
  const text = useText()
  const { node, x, y, level } = placed
  const { key, kind, count, sync, health, facts, isFolded } = node
  const name = count === undefined ? node.name : text('page.bundle', { count, kind })
  const marks = [node.isHook === true ? text('page.hook') : '', node.requiresPruning === true ? text('page.prune') : '']
  const notes = [...facts, ...marks].filter(Boolean)
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'Enter') onChoose()
    else if (event.key === ' ' && isFolded !== undefined) onFold()
    else if (event.key === ' ') onChoose()
    else return
    event.preventDefault()
  }
  return (
    <div
      role="treeitem"
      aria-level={level}
      aria-selected={isSelected}
      {...(isFolded === undefined ? {} : { 'aria-expanded': !isFolded })}
      data-key={key}
      tabIndex={isActive ? 0 : -1}
      className={`node${count === undefined ? '' : ' bundle'}${key === ROOT_KEY ? ' root' : ''}`}
      style={{ left: x, top: y, width: NODE_WIDTH, height: NODE_HEIGHT }}
      onClick={onChoose}
      onKeyDown={onKeyDown}
      title={node.healthMessage ?? name}
    >
      <KindMark kind={kind} />
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
      {isFolded !== undefined && <FoldMark node={node} onFold={onFold} />}
    </div>
  )
}

/** For the mouse; the keyboard folds by the space bar. */
function FoldMark({
  node: { isFolded, hiddenCount },
  onFold,
}: {
  readonly node: TreeNode
  readonly onFold: () => void
}) {
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- the box itself folds by the space bar
    <span
      className={isFolded === true ? 'fold-mark folded' : 'fold-mark'}
      aria-hidden
      onClick={(event) => {
        event.stopPropagation()
        onFold()
      }}
    >
      {isFolded === true ? <ChevronRight className="icon" /> : <ChevronDown className="icon" />}
      {isFolded === true && <span>{hiddenCount}</span>}
    </span>
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
