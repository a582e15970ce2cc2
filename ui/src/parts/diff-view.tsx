// A difference of two texts, in one column or side by side, hunk by hunk.
import { useState } from 'react'
import { pairLines, type DiffLine, type Hunk, type TextDiff } from '../manifest/hunks.ts'
import { useText } from './preferences-context.tsx'

type View = 'unified' | 'split'
const VIEWS: readonly View[] = ['unified', 'split']
const SIGNS = { same: ' ', removed: '-', added: '+' } as const

export function DiffView({ diff }: { readonly diff: TextDiff }) {
  const text = useText()
  const [view, setView] = useState<View>('unified')
  return (
    <div className="diff">
      <div className="bar diff-bar">
        <span className="muted">{text('diff.summary', { added: diff.added, removed: diff.removed })}</span>
        <fieldset className="facets push" aria-label={text('diff.view')}>
          {VIEWS.map((name) => (
            <button
              key={name}
              type="button"
              className="facet"
              aria-pressed={view === name}
              onClick={() => setView(name)}
            >
              {text(`diff.${name}`)}
            </button>
          ))}
        </fieldset>
      </div>
      {view === 'split' && (
        <div className="diff-sides" aria-hidden>
          <span>{text('diff.live')}</span>
          <span>{text('diff.desired')}</span>
        </div>
      )}
      {diff.hunks.map((hunk) => (
        <HunkView key={keyOf(hunk)} hunk={hunk} view={view} />
      ))}
    </div>
  )
}

function keyOf({ lines: [first] }: Hunk): string {
  return `${first?.before ?? ''}:${first?.after ?? ''}`
}

function HunkView({ hunk, view }: { readonly hunk: Hunk; readonly view: View }) {
  const text = useText()
  return (
    <>
      {hunk.skipped > 0 && <p className="gap">⋯ {text('diff.skipped', { count: hunk.skipped })}</p>}
      <div className="code hunk">
        {view === 'unified'
          ? hunk.lines.map((line) => <LineView key={`${line.before ?? ''}:${line.after ?? ''}`} line={line} />)
          : pairLines(hunk.lines).map(({ left, right }) => (
              <div key={`${left?.before ?? ''}:${right?.after ?? ''}`} className="pair">
                <LineView line={left} side="before" />
                <LineView line={right} side="after" />
              </div>
            ))}
      </div>
    </>
  )
}

interface LineProps {
  readonly line: DiffLine | undefined
  readonly side?: 'before' | 'after'
}

function LineView({ line, side }: LineProps) {
  if (line === undefined) return <div className="line void" />
  return (
    <div className={`line ${line.kind}`}>
      {side !== 'after' && <span className="number">{line.before}</span>}
      {side !== 'before' && <span className="number">{line.after}</span>}
      <span className="sign">{SIGNS[line.kind]}</span>
      <span className="line-text">{line.text}</span>
    </div>
  )
}
