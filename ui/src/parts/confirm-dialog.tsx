// A question before something is taken away or changed for all.
import { useMutation } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { TextField } from './fields.tsx'
import { FormDialog } from './form-dialog.tsx'
import { useText } from './preferences-context.tsx'

interface ConfirmDialogProps {
  readonly title: string
  readonly submit: string
  /** Has to be typed first, for what cannot be had back. */
  readonly typedName?: string
  readonly isDanger?: boolean
  readonly act: () => Promise<unknown>
  readonly onDone: () => void
  readonly onClose: () => void
  readonly children: ReactNode
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, submit, typedName, isDanger = true, act, onDone, onClose, children } = props
  const text = useText()
  const [typed, setTyped] = useState('')
  const action = useMutation({
    mutationFn: act,
    onSuccess: () => {
      onDone()
      onClose()
    },
  })
  return (
    <FormDialog
      title={title}
      submit={submit}
      isDanger={isDanger}
      isBusy={action.isPending}
      isBlocked={typedName !== undefined && typed !== typedName}
      error={action.error}
      onSubmit={() => action.mutate()}
      onClose={onClose}
    >
      <div className="prose">{children}</div>
      {typedName !== undefined && (
        <TextField label={text('delete.confirm', { name: typedName })} value={typed} onValue={setTyped} />
      )}
    </FormDialog>
  )
}
