// The rows of the list; only those near the window are drawn, so that thousands cost nothing.
import { Link } from '@tanstack/react-router'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { FolderGit2, Server } from 'lucide-react'
import { useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import { healthOf, keyOf, syncOf } from '../applications/application-list.ts'
import { sourceWords } from '../applications/wording.ts'
import { Badge } from './badge.tsx'
import { useText } from './preferences-context.tsx'
import { TimeAgo } from './time-ago.tsx'

const ROW_HEIGHT_PX = 66
const OVERSCAN = 8

export function ApplicationRows({ applications }: { readonly applications: readonly Application[] }) {
  const text = useText()
  const list = useRef<HTMLUListElement>(null)
  const [active, setActive] = useState(0)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), [applications.length])
  // oxlint-disable-next-line react/incompatible-library -- its answers change in place, but components here are not compiled to remember them
  const rows = useWindowVirtualizer({
    count: applications.length,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: OVERSCAN,
    scrollMargin: top,
    getItemKey: (index) => {
      const application = applications[index]
      return application === undefined ? index : keyOf(application)
    },
  })
  function go(index: number): void {
    const target = Math.min(Math.max(index, 0), applications.length - 1)
    setActive(target)
    rows.scrollToIndex(target)
    // The row may be drawn only now.
    requestAnimationFrame(() => {
      list.current?.querySelector<HTMLElement>(`[data-index="${target}"] a`)?.focus()
    })
  }
  function onKeyDown(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      Home: 0,
      End: applications.length - 1,
    }
    const next = steps[event.key]
    if (next === undefined) return
    event.preventDefault()
    go(next)
  }
  const current = Math.min(active, Math.max(applications.length - 1, 0))
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the keys belong to the links inside, which have the focus
    <ul
      ref={list}
      className="rows"
      aria-label={text('list.title')}
      style={{ height: rows.getTotalSize() }}
      onKeyDown={onKeyDown}
    >
      {rows.getVirtualItems().map(({ key, index, start }) => {
        const application = applications[index]
        if (application === undefined) return null
        return (
          <li
            key={key}
            ref={rows.measureElement}
            data-index={index}
            style={{ transform: `translateY(${start - top}px)` }}
            aria-setsize={applications.length}
            aria-posinset={index + 1}
          >
            <ApplicationRow application={application} isActive={index === current} onFocus={() => setActive(index)} />
          </li>
        )
      })}
    </ul>
  )
}

interface RowProps {
  readonly application: Application
  readonly isActive: boolean
  readonly onFocus: () => void
}

function ApplicationRow({ application, isActive, onFocus }: RowProps) {
  const { metadata, spec } = application
  const { repository, place, revision } = sourceWords(application)
  return (
    <Link
      to="/applications/$namespace/$name"
      params={{ namespace: metadata.namespace ?? '', name: metadata.name ?? '' }}
      className="row"
      tabIndex={isActive ? 0 : -1}
      onFocus={onFocus}
    >
      <span className="row-name">
        <strong>{metadata.name}</strong>
        <span className="muted">{spec.project}</span>
      </span>
      <span className="row-states">
        <Badge status={syncOf(application)} />
        <Badge status={healthOf(application)} />
      </span>
      <span className="row-cell row-source">
        <FolderGit2 className="icon" aria-hidden />
        <span>
          {repository} <span className="muted">{revision}</span>
          <br />
          <span className="muted">{place}</span>
        </span>
      </span>
      <span className="row-cell row-destination">
        <Server className="icon" aria-hidden />
        <span>
          {spec.destination.name ?? clusterName(spec.destination.server)}
          <br />
          <span className="muted">{spec.destination.namespace}</span>
        </span>
      </span>
      <span className="row-time muted">
        <LastOperation application={application} />
      </span>
    </Link>
  )
}

function LastOperation({ application: { operation, status } }: { readonly application: Application }) {
  const text = useText()
  const { phase, finishedAt, startedAt } = status?.operationState ?? {}
  if (operation !== undefined || phase === 'Running') return <Badge status="Running" />
  const time = finishedAt ?? startedAt
  if (time === undefined || phase === undefined) return text('list.never')
  return (
    <>
      {phase !== 'Succeeded' && <Badge status={phase} />} <TimeAgo time={time} />
    </>
  )
}

function clusterName(server = ''): string {
  return server === 'https://kubernetes.default.svc' ? 'in-cluster' : server.replace(/^https?:\/\//, '')
}
