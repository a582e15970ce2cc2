// A dialog over the page: focus stays inside, Escape closes it.
import { X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import type { ReactNode } from 'react'
import { useText } from './preferences-context.tsx'

interface ModalProps {
  readonly title: string
  readonly isWide?: boolean
  readonly onClose: () => void
  readonly children: ReactNode
}

export function Modal({ title, isWide = false, onClose, children }: ModalProps) {
  const text = useText()
  return (
    <Dialog.Root open onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className={isWide ? 'modal wide' : 'modal'}
          aria-describedby={undefined}
          onOpenAutoFocus={focusField}
        >
          <div className="modal-head">
            <Dialog.Title className="modal-title">{title}</Dialog.Title>
            <Dialog.Close className="button plain" aria-label={text('app.close')}>
              <X className="icon" aria-hidden />
            </Dialog.Close>
          </div>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

/** The first field is what a person came for; where there is none, the button that closes it has the focus. */
function focusField(event: Event): void {
  const { currentTarget } = event
  const field = currentTarget instanceof Element ? currentTarget.querySelector('input, select, textarea') : null
  if (!(field instanceof HTMLElement)) return
  event.preventDefault()
  field.focus()
}
