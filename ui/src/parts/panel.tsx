// A panel at the side of the page: head, tabs, and the way to close it.
import { Maximize2, Minimize2, X } from 'lucide-react'
import { Tabs } from 'radix-ui'
import { Suspense, useEffect, useRef, useState, type ReactNode } from 'react'
import { useText } from './preferences-context.tsx'

interface PanelProps {
  readonly title: ReactNode
  readonly menu?: ReactNode
  readonly onClose: () => void
  readonly children: ReactNode
}

export function Panel({ title, menu, onClose, children }: PanelProps) {
  const text = useText()
  const panel = useRef<HTMLElement>(null)
  const [isWide, setWide] = useState(false)
  useEffect(() => {
    const opener = document.activeElement
    panel.current?.focus()
    const close = (event: KeyboardEvent): void => {
      const isTaken =
        event.defaultPrevented ||
        document.querySelector('[role=dialog]:not([popover]), [popover]:popover-open, [role=menu]') !== null
      if (event.key === 'Escape' && !isTaken && !isTyping(event.target)) onClose()
    }
    document.addEventListener('keydown', close)
    return () => {
      document.removeEventListener('keydown', close)
      if (opener instanceof HTMLElement) opener.focus()
    }
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the opener is who had the focus first
  }, [])
  return (
    <aside ref={panel} className={isWide ? 'panel wide' : 'panel'} aria-labelledby="panel-title" tabIndex={-1}>
      <div className="panel-head">
        <h2 id="panel-title">{title}</h2>
        <span className="panel-buttons">
          {menu}
          <button
            type="button"
            className="button plain panel-size"
            aria-label={text(isWide ? 'panel.narrow' : 'panel.wide')}
            title={text(isWide ? 'panel.narrow' : 'panel.wide')}
            onClick={() => setWide(!isWide)}
          >
            {isWide ? <Minimize2 className="icon" aria-hidden /> : <Maximize2 className="icon" aria-hidden />}
          </button>
          <button type="button" className="button plain" aria-label={text('app.close')} onClick={onClose}>
            <X className="icon" aria-hidden />
          </button>
        </span>
      </div>
      {children}
    </aside>
  )
}

/** In a terminal Escape is a key like any other. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('.terminal, .cm-editor') !== null
}

interface PanelTabsProps<T extends string> {
  readonly label: string
  readonly tabs: readonly {
    readonly name: T
    readonly label: string
    readonly isOff?: boolean
    readonly reason?: string
  }[]
  readonly shown: T
  readonly onTab: (tab: T) => void
  readonly children: ReactNode
}

export function PanelTabs<T extends string>({ label, tabs, shown, onTab, children }: PanelTabsProps<T>) {
  return (
    <Tabs.Root
      value={shown}
      onValueChange={(value) => {
        const chosen = tabs.find(({ name }) => name === value)
        if (chosen !== undefined) onTab(chosen.name)
      }}
    >
      <Tabs.List className="tabs" aria-label={label}>
        {tabs.map((tab) => (
          <Tabs.Trigger
            key={tab.name}
            value={tab.name}
            className="tab"
            disabled={tab.isOff === true}
            title={tab.isOff === true ? tab.reason : undefined}
          >
            {tab.label}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {children}
    </Tabs.Root>
  )
}

export function TabContent({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <Tabs.Content value={name} className="tab-content">
      <Suspense>{children}</Suspense>
    </Tabs.Content>
  )
}
