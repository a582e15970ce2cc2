// The list of applications: found, counted and sorted by the server, shown as a table or tiles, live.
import { getRouteApi, Link } from '@tanstack/react-router'
import { LayoutGrid, Plus, Rows3, X } from 'lucide-react'
import { useDeferredValue, useEffect, useRef, useState } from 'react'
import { FACETS, type ApplicationOrder, type FoundApplications } from '../../../src/api/found-applications.ts'
import { findApplications } from '../api/calls.ts'
import { keyOf } from '../applications/application-list.ts'
import { readFavourites, toggleFavourite } from '../applications/favourites.ts'
import { ApplicationRows } from '../parts/application-rows.tsx'
import { BulkBar } from '../parts/bulk-bar.tsx'
import { countChosen, FacetPanel, FacetPopup } from '../parts/facet-panel.tsx'
import { ChoiceField } from '../parts/fields.tsx'
import { HealthBar } from '../parts/health-bar.tsx'
import { Failure, Notice } from '../parts/notice.tsx'
import { useText } from '../parts/preferences-context.tsx'
import { useShortcuts } from '../parts/shortcuts.ts'
import { useFound, type Found } from '../parts/use-found.ts'
import { readText, storeText } from '../preferences.ts'
import { LIST_VIEWS, ORDERS, type ListSearch, type ListView } from '../search.ts'

const route = getRouteApi('/inside/applications')
const VIEW_NAME = 'capstan.list.view'
const VIEW_ICONS = { table: Rows3, tiles: LayoutGrid } as const
/** The most that are chosen at once. */
const MAX_SELECTED = 500

export function ListPage() {
  const text = useText()
  const search = useDeferredValue(route.useSearch())
  const [favourites, setFavourites] = useState(() => readFavourites(localStorage))
  const found = useFound(search, [...favourites])
  const { head, error, retry, state } = found
  const change = useChange()
  useEffect(() => {
    document.title = `${text('list.title')} – ${text('app.title')}`
  }, [text])
  return (
    <>
      <div className="bar list-head">
        <h1>{text('list.title')}</h1>
        <output className="muted">
          {head !== undefined && text('list.count', { shown: head.matching, all: head.total })}
        </output>
        <NewLink />
      </div>
      {state === 'lost' && <Notice tone="warn">{text('app.lost')}</Notice>}
      <Failure error={error} onRetry={retry} />
      {head?.total === 0 ? (
        <EmptyList />
      ) : (
        <div className="list-columns">
          <FacetPanel facets={head?.facets} search={search} onSearch={change} />
          <Main
            search={search}
            found={found}
            favourites={favourites}
            onFavourite={(key) => setFavourites(toggleFavourite(localStorage, favourites, key))}
          />
        </div>
      )}
    </>
  )
}

interface MainProps {
  readonly search: ListSearch
  readonly found: Found
  readonly favourites: ReadonlySet<string>
  readonly onFavourite: (key: string) => void
}

function Main({ search, found: { head, error }, favourites, onFavourite }: MainProps) {
  const text = useText()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const view = search.view ?? rememberedView()
  const matching = head?.matching ?? 0
  function select(key: string, isOn: boolean): void {
    const next = new Set(selected)
    if (isOn) next.add(key)
    else next.delete(key)
    setSelected(next)
  }
  async function selectAll(): Promise<void> {
    const all = await findApplications({ search, favourites: [...favourites], offset: 0, limit: MAX_SELECTED })
    setSelected(new Set(all.items.map(keyOf)))
  }
  return (
    <div className="list-main">
      <Tools head={head} view={view} />
      {selected.size > 0 && (
        <BulkBar
          selected={selected}
          matching={Math.min(matching, MAX_SELECTED)}
          onAll={() => void selectAll()}
          onNone={() => setSelected(new Set())}
        />
      )}
      {head === undefined && error === null && <Waiting />}
      {head?.matching === 0 && <NoMatch />}
      {matching > 0 && (
        <>
          <ApplicationRows
            key={view}
            view={view}
            count={matching}
            search={search}
            favourites={favourites}
            onFavourite={onFavourite}
            selected={selected}
            onSelect={select}
          />
          <p className="muted keys">{text('list.keys')}</p>
        </>
      )}
    </div>
  )
}

function rememberedView(): ListView {
  const stored = readText(localStorage, VIEW_NAME)
  return LIST_VIEWS.find((view) => view === stored) ?? 'table'
}

function useChange(): (changed: ListSearch) => void {
  const navigate = route.useNavigate()
  return (changed) => void navigate({ search: (old) => ({ ...old, ...changed }), replace: true, resetScroll: false })
}

interface ToolsProps {
  readonly head: FoundApplications | undefined
  readonly view: ListView
}

function Tools({ head, view }: ToolsProps) {
  const text = useText()
  const box = useRef<HTMLInputElement>(null)
  const navigate = route.useNavigate()
  const change = useChange()
  // The address follows a moment later; meanwhile the field has what was typed.
  const [typed, setTyped] = useState<string>()
  const search = route.useSearch()
  const { q = '', order = 'name' } = search
  useShortcuts({
    '/': () => box.current?.select(),
    n: () => void navigate({ to: '/applications/new' }),
  })
  return (
    <>
      <search className="bar filters">
        <input
          ref={box}
          type="search"
          className="search"
          aria-label={text('list.search')}
          aria-keyshortcuts="/"
          placeholder={text('list.searchHint')}
          value={typed ?? q}
          onChange={(event) => {
            setTyped(event.target.value)
            change({ q: event.target.value })
          }}
          onBlur={() => setTyped(undefined)}
        />
        <FacetPopup facets={head?.facets} search={search} onSearch={change} />
        {countChosen(search) > 0 && <ClearButton />}
        <ChoiceField<ApplicationOrder>
          isInline
          label={text('list.order')}
          value={order}
          choices={ORDERS.map((name) => [name, text(`list.order.${name}`)])}
          onChange={(name) => change({ order: name })}
        />
        <ViewSwitch view={view} />
      </search>
      <HealthBar counts={head?.facets.health ?? []} />
    </>
  )
}

function ViewSwitch({ view }: { readonly view: ListView }) {
  const text = useText()
  const change = useChange()
  return (
    <fieldset className="segments" aria-label={text('list.view')}>
      {LIST_VIEWS.map((name) => {
        const Icon = VIEW_ICONS[name]
        return (
          <button
            key={name}
            type="button"
            aria-pressed={view === name}
            aria-label={text(`list.view.${name}`)}
            title={text(`list.view.${name}`)}
            onClick={() => {
              storeText(localStorage, VIEW_NAME, name)
              change({ view: name })
            }}
          >
            <Icon className="icon" aria-hidden />
          </button>
        )
      })}
    </fieldset>
  )
}

function ClearButton() {
  const text = useText()
  const change = useChange()
  return (
    <button
      type="button"
      className="button plain"
      onClick={() => change({ q: '', starred: false, ...Object.fromEntries(FACETS.map((facet) => [facet, []])) })}
    >
      <X className="icon" aria-hidden />
      {text('list.clear')}
    </button>
  )
}

function NoMatch() {
  const text = useText()
  return (
    <div className="empty">
      <p>{text('list.noMatch')}</p>
      <ClearButton />
    </div>
  )
}

/** Stands where the list will be, so that nothing jumps. */
function Waiting() {
  const text = useText()
  return (
    <div aria-busy="true">
      <p className="visually-hidden">{text('app.loading')}</p>
      {['a', 'b', 'c', 'd', 'e', 'f'].map((name) => (
        <div key={name} className="waiting-item" style={{ height: 54, marginBottom: 8 }} />
      ))}
    </div>
  )
}

function NewLink() {
  const text = useText()
  return (
    <Link to="/applications/new" className="button primary push">
      <Plus className="icon" aria-hidden />
      {text('list.new')}
    </Link>
  )
}

function EmptyList() {
  const text = useText()
  return (
    <div className="empty">
      <h2>{text('list.empty')}</h2>
      <p>{text('list.emptyHint')}</p>
      <NewLink />
      <p>{text('list.emptyMore')}</p>
      <ul className="first-steps">
        <li>
          <Link to="/settings/repositories">{text('list.emptyRepository')}</Link>
        </li>
        <li>
          <Link to="/settings/registries">{text('list.emptyRegistry')}</Link>
        </li>
        <li>
          <Link to="/applicationsets/new">{text('list.emptySet')}</Link>
        </li>
      </ul>
    </div>
  )
}
