// A button that opens something above the page: closed by Escape, by a click beside it, and by its own button.
import { useEffect, useId, useRef, useState, type ReactNode } from 'react'

interface PopupProps {
  readonly label: ReactNode
  /** For assistive technology: what the popup is. */
  readonly name: string
  readonly className?: string
  readonly isDisabled?: boolean
  readonly isAtEnd?: boolean
  readonly title?: string
  readonly children: ReactNode
}

const EDGE_PX = 8

export function Popup({
  label,
  name,
  className = 'button',
  isDisabled = false,
  isAtEnd = false,
  title,
  children,
}: PopupProps) {
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  const popup = useRef<HTMLDivElement>(null)
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    const element = popup.current
    if (element === null) return undefined
    const follow = (event: ToggleEvent): void => {
      const opens = event.newState === 'open'
      setOpen(opens)
      if (opens) place(element, button.current, isAtEnd)
    }
    element.addEventListener('toggle', follow)
    return () => element.removeEventListener('toggle', follow)
  }, [isAtEnd])
  return (
    <>
      <button
        ref={button}
        type="button"
        className={className}
        disabled={isDisabled}
        popoverTarget={id}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        title={title}
        {...(title === undefined ? {} : { 'aria-label': name })}
      >
        {label}
      </button>
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a popover that is a dialog element would close on the first Escape of a field inside */}
      <div ref={popup} id={id} popover="auto" className="menu" role="dialog" aria-label={name}>
        {isOpen && children}
      </div>
    </>
  )
}

/** Below the button, inside the window. */
function place(popup: HTMLElement, button: HTMLElement | null, isAtEnd: boolean): void {
  if (button === null) return
  // What it holds is drawn a moment later.
  requestAnimationFrame(() => {
    const { left, right, bottom } = button.getBoundingClientRect()
    const { offsetWidth } = popup
    const wanted = isAtEnd ? right - offsetWidth : left
    popup.style.left = `${Math.max(EDGE_PX, Math.min(wanted, innerWidth - offsetWidth - EDGE_PX))}px`
    popup.style.top = `${bottom + 4}px`
    popup.style.maxHeight = `${Math.max(160, innerHeight - bottom - 4 - EDGE_PX)}px`
    popup.querySelector<HTMLElement>('input, button, a')?.focus({ preventScroll: true })
  })
}
