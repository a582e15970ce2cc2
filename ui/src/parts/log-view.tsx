// The lines of logs: windowed, coloured, searched; stays at the end while it is followed.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef } from 'react'
import { ansiPieces, withoutAnsi, type AnsiStyle } from '../logs/ansi.ts'
import { cutMatches, type LogLine } from '../logs/log-lines.ts'
import { useText } from './preferences-context.tsx'

interface LogViewProps {
  readonly lines: readonly LogLine[]
  readonly search: string
  /** The line a search stands at. */
  readonly current: number | undefined
  readonly isFollowing: boolean
  readonly onLeaveEnd: () => void
  readonly hasTimes: boolean
  readonly hasSources: boolean
  readonly isWrapping: boolean
}

const LINE_HEIGHT_PX = 20
/** So near to the end counts as at it. */
const END_PX = 40

export function LogView(props: LogViewProps) {
  const { lines, search, current, isFollowing, onLeaveEnd, hasTimes, hasSources, isWrapping } = props
  const text = useText()
  const frame = useRef<HTMLDivElement>(null)
  const lastTop = useRef(0)
  // oxlint-disable-next-line react/incompatible-library -- its answers change in place, but components here are not compiled to remember them
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => frame.current,
    estimateSize: () => LINE_HEIGHT_PX,
    overscan: 20,
    getItemKey: (index) => lines[index]?.id ?? index,
  })
  useEffect(() => {
    if (isFollowing && lines.length > 0) rows.scrollToIndex(lines.length - 1, { align: 'end' })
  }, [isFollowing, lines, rows])
  useEffect(() => {
    if (current !== undefined) rows.scrollToIndex(current, { align: 'center' })
  }, [current, rows])
  function onScroll(): void {
    const element = frame.current
    if (element === null) return
    const isUp = element.scrollTop < lastTop.current - 2
    lastTop.current = element.scrollTop
    const rest = element.scrollHeight - element.scrollTop - element.clientHeight
    if (isFollowing && isUp && rest > END_PX) onLeaveEnd()
  }
  return (
    <div
      ref={frame}
      className={isWrapping ? 'log wrapping' : 'log'}
      role="log"
      aria-live="off"
      aria-label={text('logs.title')}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the keyboard scrolls it
      tabIndex={0}
      onScroll={onScroll}
    >
      <div className="log-lines" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ key, index, start }) => {
          const line = lines[index]
          return (
            line !== undefined && (
              <div
                key={key}
                ref={rows.measureElement}
                data-index={index}
                className={index === current ? 'log-line current' : 'log-line'}
                style={{ transform: `translateY(${start}px)` }}
              >
                {hasTimes && <span className="log-time">{shortTime(line.time)}</span>}
                {hasSources && (
                  <span className={`log-source source-${sourceColor(line)}`} title={`${line.pod} ${line.container}`}>
                    {sourceName(line)}
                  </span>
                )}
                <Content content={line.content} search={search} />
              </div>
            )
          )
        })}
      </div>
    </div>
  )
}

function Content({ content, search }: { readonly content: string; readonly search: string }) {
  const pieces = useMemo(
    () => (search === '' ? ansiPieces(content) : [{ text: withoutAnsi(content), style: {} }]),
    [content, search],
  )
  return (
    <span className="log-text">
      {pieces.map(({ text, style }, index) => (
        <span key={`${index}:${text}`} className={classOf(style)}>
          {cutMatches(text, search).map((part, place) =>
            place % 2 === 1 ? <mark key={`${place}:${part}`}>{part}</mark> : part,
          )}
        </span>
      ))}
    </span>
  )
}

function classOf({ color, background, isBold, isDim, isItalic, isUnderlined }: AnsiStyle): string | undefined {
  const names = [
    color === undefined ? '' : `ansi-${color}`,
    background === undefined ? '' : `ansi-ground-${background}`,
    isBold === true ? 'ansi-bold' : '',
    isDim === true ? 'ansi-dim' : '',
    isItalic === true ? 'ansi-italic' : '',
    isUnderlined === true ? 'ansi-underlined' : '',
  ].filter(Boolean)
  return names.length === 0 ? undefined : names.join(' ')
}

function shortTime(time: string): string {
  const parsed = new Date(time)
  return Number.isNaN(parsed.getTime()) ? '' : parsed.toTimeString().slice(0, 8)
}

function sourceName({ pod, container }: LogLine): string {
  const end = pod.split('-').slice(-1)[0] ?? pod
  return container === '' ? end : `${end} ${container}`
}

/** One of eight, the same for the same pod. */
function sourceColor({ pod, container }: LogLine): number {
  let sum = 0
  for (const letter of pod + container) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 8191
  return sum % 8
}
