// Tabs by the pattern for assistive technology: arrows walk, the chosen one alone is in the order of Tab.
import { useId, useRef, type KeyboardEvent, type ReactNode } from 'react'

interface TabsProps<T extends string> {
  readonly label: string
  readonly tabs: readonly (readonly [T, string])[]
  readonly chosen: T
  readonly onChoose: (tab: T) => void
  readonly children: ReactNode
}

export function Tabs<T extends string>({ label, tabs, chosen, onChoose, children }: TabsProps<T>) {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  function onKeyDown(event: KeyboardEvent): void {
    const at = tabs.findIndex(([tab]) => tab === chosen)
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: tabs.length - 1,
    }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    const next = tabs[(step + tabs.length) % tabs.length]
    if (next === undefined) return
    onChoose(next[0])
    list.current?.querySelector<HTMLElement>(`[data-tab="${next[0]}"]`)?.focus()
  }
  return (
    <>
      <div ref={list} role="tablist" aria-label={label} className="page-tabs" onKeyDown={onKeyDown} tabIndex={-1}>
        {tabs.map(([tab, title]) => (
          <button
            key={tab}
            type="button"
            role="tab"
            id={`${id}-${tab}`}
            data-tab={tab}
            className="page-tab"
            aria-selected={tab === chosen}
            {...(tab === chosen ? { 'aria-controls': `${id}-panel` } : {})}
            tabIndex={tab === chosen ? 0 : -1}
            onClick={() => onChoose(tab)}
          >
            {title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${chosen}`}>
        {children}
      </div>
    </>
  )
}
