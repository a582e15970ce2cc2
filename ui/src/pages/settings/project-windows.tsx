// The sync windows of a project: what they say, and when they are open next.
import { Pencil, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { SyncWindow } from '../../../../src/crds/app-project.ts'
import { weekOf } from '../../form/next-windows.ts'
import { emptyWindow, withFields } from '../../form/project.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { usePreferences } from '../../parts/preferences-context.tsx'
import type { ProjectPartProps } from './project-part.ts'
import { NextOpen } from './next-open.tsx'
import { WindowDialog } from './window-dialog.tsx'
import { useSettingsText } from './use-settings-text.ts'

const DAY_MS = 24 * 60 * 60 * 1000

export function WindowsTab({ project, change }: ProjectPartProps) {
  const text = useSettingsText()
  const [editing, setEditing] = useState<number>()
  const [nowMs] = useState(() => Date.now())
  const windows = project.spec.syncWindows ?? []
  function put(next: readonly SyncWindow[]): void {
    change({ ...project, spec: withFields(project.spec, { syncWindows: next.length === 0 ? undefined : next }) })
  }
  const edited = editing === undefined ? undefined : (windows[editing] ?? emptyWindow)
  return (
    <>
      {windows.length === 0 ? (
        <p className="muted">{text('project.window.empty')}</p>
      ) : (
        <Week windows={windows} nowMs={nowMs} />
      )}
      {windows.map((window, index) => (
        <section key={index} className="card window-card" aria-label={text('project.window.edit', { row: index + 1 })}>
          <div className="card-top">
            <span className={`badge tone-${window.kind === 'deny' ? 'bad' : 'good'}`}>{window.kind}</span>
            <code>{window.schedule}</code>
            <span>
              {window.duration} · {window.timeZone || 'UTC'}
            </span>
            <div className="actions push">
              <ActionButton icon={Pencil} isIcon onPress={() => setEditing(index)}>
                {text('project.window.edit', { row: index + 1 })}
              </ActionButton>
              <ActionButton icon={Trash2} isIcon onPress={() => put(windows.filter((_, at) => at !== index))}>
                {text('project.window.remove', { row: index + 1 })}
              </ActionButton>
            </div>
          </div>
          {window.description !== undefined && <p>{window.description}</p>}
          <Scope window={window} />
          <NextOpen window={window} nowMs={nowMs} />
        </section>
      ))}
      <ActionButton icon={Plus} onPress={() => setEditing(windows.length)}>
        {text('project.window.add')}
      </ActionButton>
      {edited !== undefined && editing !== undefined && (
        <WindowDialog
          window={edited}
          onWindow={(next) =>
            put(editing < windows.length ? windows.map((one, at) => (at === editing ? next : one)) : [...windows, next])
          }
          onClose={() => setEditing(undefined)}
        />
      )}
    </>
  )
}

function Scope({ window }: { readonly window: SyncWindow }) {
  const text = useSettingsText()
  const lists = [
    [text('project.window.applications'), window.applications],
    [text('project.window.namespaces'), window.namespaces],
    [text('project.window.clusters'), window.clusters],
  ] as const
  const marks = [
    ...(window.andOperator === true ? [text('project.window.and')] : []),
    ...(window.manualSync === true ? [text('project.window.manual')] : []),
    ...(window.syncOverrun === true ? [text('project.window.overrun')] : []),
  ]
  return (
    <p className="tags">
      {lists.map(([title, list]) =>
        list === undefined || list.length === 0 ? null : (
          <span key={title} className="tag break">
            {title}: {list.join(', ')}
          </span>
        ),
      )}
      {marks.map((mark) => (
        <span key={mark} className="tag">
          {mark}
        </span>
      ))}
    </p>
  )
}

/** Seven days from today, a bar each; what may run and what may not. */
function Week({ windows, nowMs }: { readonly windows: readonly SyncWindow[]; readonly nowMs: number }) {
  const text = useSettingsText()
  const { language } = usePreferences()
  const midnight = new Date(nowMs).setHours(0, 0, 0, 0)
  const weeks = windows.map((window) => ({ kind: window.kind ?? 'allow', days: weekOf(window, midnight) }))
  const format = new Intl.DateTimeFormat(language, { weekday: 'short', month: 'numeric', day: 'numeric' })
  return (
    <figure className="week-figure">
      <figcaption className="muted">{text('project.window.week')}</figcaption>
      <div className="week" aria-hidden>
        {Array.from({ length: 7 }, (_, day) => (
          <Day
            key={day}
            title={format.format(midnight + day * DAY_MS)}
            parts={weeks.flatMap(({ kind, days }) => (days[day] ?? []).map((part) => ({ kind, ...part })))}
          />
        ))}
        <span />
        <span className="week-hours">
          {[0, 6, 12, 18, 24].map((hour) => (
            <span key={hour}>{hour}</span>
          ))}
        </span>
      </div>
    </figure>
  )
}

interface DayProps {
  readonly title: string
  readonly parts: readonly { readonly kind: string; readonly from: number; readonly to: number }[]
}

function Day({ title, parts }: DayProps) {
  return (
    <>
      <span className="week-day">{title}</span>
      <span className="week-bar">
        {parts.map(({ kind, from, to }) => (
          <span
            key={`${kind} ${from}`}
            className={`week-span ${kind}`}
            style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }}
          />
        ))}
      </span>
    </>
  )
}
