// The list of applications: found, filtered, sorted, live.
import { getRouteApi, Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useDeferredValue, useEffect, useMemo, useRef } from 'react'
import {
  countBy,
  filterApplications,
  healthOf,
  sortApplications,
  syncOf,
  type ApplicationOrder,
} from '../applications/application-list.ts'
import { useApplications } from '../live/use-stream.ts'
import { ApplicationRows } from '../parts/application-rows.tsx'
import { Facets } from '../parts/facets.tsx'
import { ChoiceField } from '../parts/fields.tsx'
import { Failure, Notice } from '../parts/notice.tsx'
import { useText } from '../parts/preferences-context.tsx'
import { useShortcuts } from '../parts/shortcuts.ts'
import { ORDERS, type ListSearch } from '../search.ts'

const route = getRouteApi('/inside/applications')

export function ListPage() {
  const text = useText()
  const { query, state } = useApplications()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const box = useRef<HTMLInputElement>(null)
  const { q = '', sync = [], health = [], order = 'name' } = useDeferredValue(search)
  const all = query.data?.items
  const shown = useMemo(
    () => sortApplications(filterApplications(all ?? [], { text: q, sync, health }), order),
    [all, q, sync, health, order],
  )
  useEffect(() => {
    document.title = `${text('list.title')} – ${text('app.title')}`
  }, [text])
  useShortcuts({
    '/': () => box.current?.select(),
    n: () => void navigate({ to: '/applications/new' }),
  })
  function change(changed: ListSearch): void {
    void navigate({ search: (old) => ({ ...old, ...changed }), replace: true })
  }
  return (
    <>
      <div className="bar">
        <h1>{text('list.title')}</h1>
        <span className="muted" role="status">
          {all !== undefined && text('list.count', { shown: shown.length, all: all.length })}
        </span>
        <Link to="/applications/new" className="button primary push">
          <Plus className="icon" aria-hidden />
          {text('list.new')}
        </Link>
      </div>
      {state === 'lost' && <Notice tone="warn">{text('app.lost')}</Notice>}
      <Failure error={query.error} />
      <div className="bar filters">
        <input
          ref={box}
          type="search"
          className="search"
          aria-label={text('list.search')}
          aria-keyshortcuts="/"
          placeholder={text('list.searchHint')}
          value={search.q ?? ''}
          onChange={(event) => change({ q: event.target.value })}
        />
        <Facets
          label={text('list.sync')}
          counts={countBy(all ?? [], syncOf)}
          chosen={search.sync ?? []}
          onChosen={(values) => change({ sync: values })}
        />
        <Facets
          label={text('list.health')}
          counts={countBy(all ?? [], healthOf)}
          chosen={search.health ?? []}
          onChosen={(values) => change({ health: values })}
        />
        <ChoiceField<ApplicationOrder>
          isInline
          label={text('list.order')}
          value={search.order ?? 'name'}
          choices={ORDERS.map((name) => [name, text(`list.order.${name}`)])}
          onChange={(name) => change({ order: name })}
        />
      </div>
      {query.isPending && <p className="muted">{text('app.loading')}</p>}
      {all?.length === 0 && <EmptyList />}
      {all !== undefined && all.length > 0 && shown.length === 0 && (
        <div className="empty">
          <p>{text('list.noMatch')}</p>
          <button type="button" className="button" onClick={() => change({ q: '', sync: [], health: [] })}>
            {text('list.clear')}
          </button>
        </div>
      )}
      <ApplicationRows applications={shown} />
      {shown.length > 0 && <p className="muted keys">{text('list.keys')}</p>}
    </>
  )
}

function EmptyList() {
  const text = useText()
  return (
    <div className="empty">
      <h2>{text('list.empty')}</h2>
      <p>{text('list.emptyHint')}</p>
      <Link to="/applications/new" className="button primary">
        <Plus className="icon" aria-hidden />
        {text('list.new')}
      </Link>
    </div>
  )
}
