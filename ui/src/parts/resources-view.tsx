// The resources of an application, looked at as a tree, a network, pods or a list, and which of them.
import { ChevronsDownUp, ChevronsUpDown, List, Network, Boxes, Workflow, X } from 'lucide-react'
import { lazy, Suspense, useMemo, useState } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import type { ApplicationTree } from '../../../src/crds/tree.ts'
import { RESOURCE_VIEWS, type ResourceView, type ViewSearch } from '../search.ts'
import { buildTree } from '../tree/build.ts'
import { countNodes, isFiltering, matchesFilter, type FilterField, type ResourceFilter } from '../tree/filter.ts'
import { buildNetwork } from '../tree/network.ts'
import { allNodes, type TreeNode } from '../tree/nodes.ts'
import { FilterMenu } from './filter-menu.tsx'
import { useText } from './preferences-context.tsx'
import { ResourceTree } from './resource-tree.tsx'

const PodsView = lazy(async () => ({ default: (await import('./pods-view.tsx')).PodsView }))
const ResourceList = lazy(async () => ({ default: (await import('./resource-list.tsx')).ResourceList }))

const VIEW_ICONS = { tree: Workflow, network: Network, pods: Boxes, list: List } as const
const FIELDS: readonly FilterField[] = ['kind', 'health', 'sync']

interface ViewProps {
  readonly application: Application
  readonly tree: ApplicationTree
  readonly search: ViewSearch
  readonly onSearch: (search: ViewSearch) => void
  readonly selected: string | undefined
  readonly onOpen: (key: string) => void
}

export function ResourcesView({ application, tree, search, onSearch, selected, onOpen }: ViewProps) {
  const text = useText()
  const { view = 'tree' } = search
  const filter = useMemo<ResourceFilter>(
    () => ({
      text: search.find ?? '',
      kind: search.kind ?? [],
      health: search.health ?? [],
      sync: search.sync ?? [],
    }),
    [search],
  )
  const all = useMemo(() => allNodes(application, tree), [application, tree])
  const shown = useMemo(() => all.filter((node) => matchesFilter(node, filter)), [all, filter])
  const name = application.metadata.name ?? ''
  const parts = { application, tree, filter, selected, onOpen }
  return (
    <section className="tree-section" aria-label={text('page.tree', { name })}>
      <div className="bar view-bar">
        <ViewSwitch view={view} onView={(next) => onSearch({ ...search, view: next })} />
        <Filters all={all} filter={filter} search={search} onSearch={onSearch} />
        <output className="muted count-words">{text('tree.count', { shown: shown.length, all: all.length })}</output>
      </div>
      <Suspense fallback={<div className="tree-frame" />}>
        {view === 'tree' && <TreeView {...parts} />}
        {view === 'network' && <NetworkView {...parts} />}
        {view === 'pods' && <PodsView nodes={all} tree={tree} filter={filter} onOpen={onOpen} />}
        {view === 'list' && <ResourceList nodes={shown} selected={selected} onOpen={onOpen} />}
      </Suspense>
    </section>
  )
}

function ViewSwitch({ view, onView }: { readonly view: ResourceView; readonly onView: (view: ResourceView) => void }) {
  const text = useText()
  return (
    <fieldset className="segments" aria-label={text('tree.views')}>
      {RESOURCE_VIEWS.map((name) => {
        const Icon = VIEW_ICONS[name]
        return (
          <button key={name} type="button" aria-pressed={view === name} onClick={() => onView(name)}>
            <Icon className="icon" aria-hidden />
            {text(`tree.view.${name}`)}
          </button>
        )
      })}
    </fieldset>
  )
}

interface FiltersProps {
  readonly all: readonly TreeNode[]
  readonly filter: ResourceFilter
  readonly search: ViewSearch
  readonly onSearch: (search: ViewSearch) => void
}

function Filters({ all, filter, search, onSearch }: FiltersProps) {
  const text = useText()
  const [typed, setTyped] = useState<string>()
  return (
    <search className="view-filters">
      <input
        type="search"
        className="search"
        aria-label={text('tree.find')}
        placeholder={text('tree.find')}
        value={typed ?? filter.text}
        onChange={(event) => {
          setTyped(event.target.value)
          onSearch({ ...search, find: event.target.value })
        }}
        onBlur={() => setTyped(undefined)}
      />
      {FIELDS.map((field) => (
        <FilterMenu
          key={field}
          label={text(`tree.filter.${field}`)}
          counts={countNodes(all, field)}
          chosen={filter[field]}
          onChosen={(values) => onSearch({ ...search, [field]: values })}
          hasIcons={field !== 'kind'}
        />
      ))}
      {isFiltering(filter) && (
        <button
          type="button"
          className="button plain"
          onClick={() => onSearch({ ...search, find: '', kind: [], health: [], sync: [] })}
        >
          <X className="icon" aria-hidden />
          {text('list.clear')}
        </button>
      )}
    </search>
  )
}

interface DrawnProps {
  readonly application: Application
  readonly tree: ApplicationTree
  readonly filter: ResourceFilter
  readonly selected: string | undefined
  readonly onOpen: (key: string) => void
}

function TreeView({ application, tree, filter, selected, onOpen }: DrawnProps) {
  const text = useText()
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const nodes = useMemo(
    () => buildTree(application, tree, { opened, folded, filter }),
    [application, tree, opened, folded, filter],
  )
  function fold(key: string): void {
    const next = new Set(folded)
    if (!next.delete(key)) next.add(key)
    setFolded(next)
  }
  /** What stands right below the application. */
  function foldAll(): void {
    setFolded(
      new Set(
        nodes
          .filter(({ isFolded, parentKey }) => isFolded !== undefined && parentKey !== undefined)
          .map(({ key }) => key),
      ),
    )
  }
  const name = application.metadata.name ?? ''
  return (
    <>
      <p className="muted keys tree-keys">
        <span>{text(nodes.length > 1 ? 'page.treeHint' : 'page.noResources')}</span>
        <button type="button" className="link-button" onClick={foldAll}>
          <ChevronsDownUp className="icon" aria-hidden />
          {text('tree.foldAll')}
        </button>
        <button type="button" className="link-button" onClick={() => setFolded(new Set())} disabled={folded.size === 0}>
          <ChevronsUpDown className="icon" aria-hidden />
          {text('tree.unfoldAll')}
        </button>
      </p>
      <ResourceTree
        name={name}
        nodes={nodes}
        selected={selected}
        onOpen={onOpen}
        onUnbundle={(key) => setOpened(new Set([...opened, key]))}
        onFold={fold}
      />
    </>
  )
}

function NetworkView({ application, tree, filter, selected, onOpen }: DrawnProps) {
  const text = useText()
  const network = useMemo(() => buildNetwork(application, tree), [application, tree])
  const nodes = useMemo(
    () =>
      network.nodes.filter(
        (node) =>
          node.parentKey === undefined ||
          !isFiltering(filter) ||
          matchesFilter(node, filter) ||
          network.nodes.some((child) => child.parentKey === node.key && matchesFilter(child, filter)),
      ),
    [network, filter],
  )
  return (
    <>
      <p className="muted keys">{text(nodes.length > 1 ? 'tree.networkHint' : 'tree.noNetwork')}</p>
      <ResourceTree
        name={application.metadata.name ?? ''}
        nodes={nodes}
        extraLinks={network.extraLinks}
        selected={selected}
        onOpen={onOpen}
        onUnbundle={onOpen}
        onFold={() => {}}
      />
    </>
  )
}
