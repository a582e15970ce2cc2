// A dialog with a form: fields, the server's refusal, and the buttons.
import type { FormEvent, ReactNode } from 'react'
import { Modal } from './modal.tsx'
import { Failure } from './notice.tsx'
import { useText } from './preferences-context.tsx'

interface FormDialogProps {
  readonly title: string
  readonly submit: string
  readonly onSubmit: () => void
  readonly onClose: () => void
  readonly error?: unknown
  readonly isBusy?: boolean
  readonly isBlocked?: boolean
  readonly isDanger?: boolean
  readonly isWide?: boolean
  readonly children: ReactNode
}

export function FormDialog(props: FormDialogProps) {
  const { title, submit, onSubmit, onClose, error, children } = props
  const { isBusy = false, isBlocked = false, isDanger = false, isWide = false } = props
  const text = useText()
  function send(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault()
    const form = event.currentTarget
    if (isBusy || isBlocked) return
    onSubmit()
    // Faults are drawn first; then the first of them takes the focus.
    requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid=true]')?.focus())
  }
  return (
    <Modal title={title} isWide={isWide} onClose={onClose}>
      <form onSubmit={send} noValidate>
        {children}
        <Failure error={error} />
        <div className="modal-foot">
          <button type="submit" className={`button ${isDanger ? 'danger' : 'primary'}`} disabled={isBusy || isBlocked}>
            {submit}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {text('app.cancel')}
          </button>
        </div>
      </form>
    </Modal>
  )
}
