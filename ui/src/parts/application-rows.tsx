// The list of applications as a table or as tiles; only what is near the window is drawn and asked for.
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react'
import { keyOf } from '../applications/application-list.ts'
import type { ListSearch, ListView } from '../search.ts'
import { ApplicationItem } from './application-item.tsx'
import { useText } from './preferences-context.tsx'
import { PAGE_SIZE, useFoundPages } from './use-found.ts'

const HEIGHTS_PX: Readonly<Record<ListView, number>> = { table: 62, tiles: 182 }
const TILE_WIDTH_PX = 330
const OVERSCAN = 6

interface RowsProps {
  readonly view: ListView
  readonly count: number
  readonly search: ListSearch
  readonly favourites: ReadonlySet<string>
  readonly onFavourite: (key: string) => void
  readonly selected: ReadonlySet<string>
  readonly onSelect: (key: string, isOn: boolean) => void
}

export function ApplicationRows(props: RowsProps) {
  const { view, count, search, favourites, onFavourite, selected, onSelect } = props
  const text = useText()
  const list = useRef<HTMLUListElement>(null)
  const [active, setActive] = useState(0)
  const { top, columns } = useFrame(list, view)
  const lines = Math.ceil(count / columns)
  // oxlint-disable-next-line react/incompatible-library -- its answers change in place, but components here are not compiled to remember them
  const rows = useWindowVirtualizer({
    count: lines,
    estimateSize: () => HEIGHTS_PX[view],
    overscan: OVERSCAN,
    scrollMargin: top,
  })
  const drawn = rows.getVirtualItems()
  const places = drawn.flatMap(({ index, start }) =>
    Array.from({ length: columns }, (_, column) => ({ index: index * columns + column, column, start })).filter(
      (place) => place.index < count,
    ),
  )
  const applicationAt = useFoundPages(search, [...favourites], pagesOf(places.map(({ index }) => index)))
  function go(index: number): void {
    const target = Math.min(Math.max(index, 0), count - 1)
    setActive(target)
    rows.scrollToIndex(Math.floor(target / columns))
    // It may be drawn only now.
    requestAnimationFrame(() => {
      list.current?.querySelector<HTMLElement>(`[data-place="${target}"] a`)?.focus()
    })
  }
  function onKeyDown(event: KeyboardEvent): void {
    const next = stepOf(event.key, { active, columns, count })
    if (next === undefined || event.target instanceof HTMLInputElement) return
    event.preventDefault()
    go(next)
  }
  const current = Math.min(active, Math.max(count - 1, 0))
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the keys belong to the links inside, which have the focus
    <ul
      ref={list}
      className={`rows ${view}`}
      aria-label={text('list.title')}
      style={{ height: rows.getTotalSize() }}
      onKeyDown={onKeyDown}
    >
      {places.map(({ index, column, start }) => {
        const application = applicationAt(index)
        const key = application === undefined ? `place ${index}` : keyOf(application)
        return (
          <li
            key={key}
            data-place={index}
            data-index={Math.floor(index / columns)}
            ref={column === 0 ? rows.measureElement : undefined}
            style={{
              transform: `translateY(${start - top}px)`,
              ...(columns > 1 ? { left: `${(column / columns) * 100}%`, width: `${100 / columns}%` } : {}),
            }}
            aria-setsize={count}
            aria-posinset={index + 1}
          >
            {application === undefined ? (
              <div className="waiting-item" style={{ height: HEIGHTS_PX[view] - 8 }} />
            ) : (
              <ApplicationItem
                application={application}
                view={view}
                isActive={index === current}
                onFocus={() => setActive(index)}
                isFavourite={favourites.has(key)}
                onFavourite={() => onFavourite(key)}
                isSelected={selected.has(key)}
                onSelect={(isOn) => onSelect(key, isOn)}
              />
            )}
          </li>
        )
      })}
    </ul>
  )
}

interface Frame {
  readonly top: number
  readonly columns: number
}

/** Where the list begins and how many tiles fit beside each other. */
function useFrame(list: { readonly current: HTMLUListElement | null }, view: ListView): Frame {
  const [frame, setFrame] = useState<Frame>({ top: 0, columns: 1 })
  useLayoutEffect(() => {
    const element = list.current
    if (element === null) return undefined
    const read = (): void => {
      const top = element.getBoundingClientRect().top + scrollY
      const columns = view === 'tiles' ? Math.max(1, Math.floor(element.clientWidth / TILE_WIDTH_PX)) : 1
      setFrame((old) => (old.top === top && old.columns === columns ? old : { top, columns }))
    }
    read()
    const sizes = new ResizeObserver(read)
    sizes.observe(element)
    sizes.observe(document.body)
    return () => sizes.disconnect()
  }, [list, view])
  return frame
}

/** The pages that hold the places, the first always: it has the numbers. */
function pagesOf(places: readonly number[]): readonly number[] {
  return [...new Set([0, ...places.map((place) => Math.floor(place / PAGE_SIZE))])]
}

interface Place {
  readonly active: number
  readonly columns: number
  readonly count: number
}

function stepOf(key: string, { active, columns, count }: Place): number | undefined {
  const steps: Readonly<Record<string, number | undefined>> = {
    ArrowDown: active + columns,
    ArrowUp: active - columns,
    ArrowRight: columns > 1 ? active + 1 : undefined,
    ArrowLeft: columns > 1 ? active - 1 : undefined,
    Home: 0,
    End: count - 1,
  }
  return steps[key]
}
