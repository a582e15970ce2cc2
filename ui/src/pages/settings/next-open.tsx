// When a sync window is open next, the one that is open now first.
import type { SyncWindow } from '../../../../src/crds/app-project.ts'
import { nextSpans } from '../../form/next-windows.ts'
import { usePreferences } from '../../parts/preferences-context.tsx'
import { useSettingsText } from './use-settings-text.ts'

const SHOWN = 3

export function NextOpen({ window, nowMs }: { readonly window: SyncWindow; readonly nowMs: number }) {
  const text = useSettingsText()
  const { language } = usePreferences()
  const format = new Intl.DateTimeFormat(language, {
    weekday: 'short',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const spans = nextSpans(window, nowMs, SHOWN)
  if (spans.length === 0) return null
  return (
    <div className="next-open">
      <span className="muted cell-note">{text('project.window.next')}</span>
      <ul className="next-windows">
        {spans.map(({ fromMs, toMs }) => (
          <li key={fromMs}>
            {format.formatRange(fromMs, toMs)}
            {fromMs <= nowMs && <strong> · {text('project.window.now')}</strong>}
          </li>
        ))}
      </ul>
    </div>
  )
}
