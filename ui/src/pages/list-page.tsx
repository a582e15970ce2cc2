// The list of applications: found, filtered, sorted, live.
import { getRouteApi, Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import type { Application } from '../../../src/crds/application.ts'
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
  const { q = '', sync = NO_FILTER, health = NO_FILTER, order = 'name' } = useDeferredValue(route.useSearch())
  const all = query.data?.items ?? NONE
  const shown = useMemo(
    () => sortApplications(filterApplications(all, { text: q, sync, health }), order),
    [all, q, sync, health, order],
  )
  useEffect(() => {
    document.title = `${text('list.title')} – ${text('app.title')}`
  }, [text])
  return (
    <>
      <div className="bar">
        <h1>{text('list.title')}</h1>
        <output className="muted">
          {query.isSuccess && text('list.count', { shown: shown.length, all: all.length })}
        </output>
        <NewLink />
      </div>
      {state === 'lost' && <Notice tone="warn">{text('app.lost')}</Notice>}
      <Failure error={query.error} />
      <Filters applications={all} />
      {query.isPending && <p className="muted">{text('app.loading')}</p>}
      {query.isSuccess && <Found shown={shown} isAny={all.length > 0} />}
    </>
  )
}

interface FoundProps {
  readonly shown: readonly Application[]
  /** Whether there are applications at all, shown or not. */
  readonly isAny: boolean
}

function Found({ shown, isAny }: FoundProps) {
  const text = useText()
  if (!isAny) return <EmptyList />
  if (shown.length === 0) return <NoMatch />
  return (
    <>
      <ApplicationRows applications={shown} />
      <p className="muted keys">{text('list.keys')}</p>
    </>
  )
}

const NONE: readonly Application[] = []
const NO_FILTER: readonly string[] = []

function useChange(): (changed: ListSearch) => void {
  const navigate = route.useNavigate()
  return (changed) => void navigate({ search: (old) => ({ ...old, ...changed }), replace: true })
}

function Filters({ applications }: { readonly applications: readonly Application[] }) {
  const text = useText()
  const box = useRef<HTMLInputElement>(null)
  const navigate = route.useNavigate()
  const change = useChange()
  // The address follows a moment later; meanwhile the field has what was typed.
  const [typed, setTyped] = useState<string>()
  const { q = '', sync = [], health = [], order = 'name' } = route.useSearch()
  useShortcuts({
    '/': () => box.current?.select(),
    n: () => void navigate({ to: '/applications/new' }),
  })
  return (
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
      <Facets
        label={text('list.sync')}
        counts={countBy(applications, syncOf)}
        chosen={sync}
        onChosen={(values) => change({ sync: values })}
      />
      <Facets
        label={text('list.health')}
        counts={countBy(applications, healthOf)}
        chosen={health}
        onChosen={(values) => change({ health: values })}
      />
      <ChoiceField<ApplicationOrder>
        isInline
        label={text('list.order')}
        value={order}
        choices={ORDERS.map((name) => [name, text(`list.order.${name}`)])}
        onChange={(name) => change({ order: name })}
      />
    </search>
  )
}

function NoMatch() {
  const text = useText()
  const change = useChange()
  return (
    <div className="empty">
      <p>{text('list.noMatch')}</p>
      <button type="button" className="button" onClick={() => change({ q: '', sync: [], health: [] })}>
        {text('list.clear')}
      </button>
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
    </div>
  )
}
