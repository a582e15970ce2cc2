// Makes a token with an end, and shows it this once.
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { CopyButton } from '../../parts/copy-button.tsx'
import { ChoiceField, TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Modal } from '../../parts/modal.tsx'
import { Notice } from '../../parts/notice.tsx'
import { useSettingsText } from './use-settings-text.ts'

const DAY_SECONDS = 24 * 60 * 60

const TERMS = {
  day: DAY_SECONDS,
  month: 30 * DAY_SECONDS,
  quarter: 90 * DAY_SECONDS,
  year: 365 * DAY_SECONDS,
  never: 0,
} as const

type Term = keyof typeof TERMS

interface TokenDialogProps {
  /** Whose it will be. */
  readonly name: string
  readonly create: (id: string, expiresInSeconds: number) => Promise<string>
  readonly onDone: () => void
  readonly onClose: () => void
}

export function TokenDialog({ name, create, onDone, onClose }: TokenDialogProps) {
  const text = useSettingsText()
  const [id, setId] = useState('')
  const [term, setTerm] = useState<Term>('quarter')
  const making = useMutation({ mutationFn: () => create(id.trim(), TERMS[term]), onSuccess: onDone })
  if (making.data !== undefined) {
    return (
      <Modal title={text('token.title', { name })} onClose={onClose}>
        <Notice tone="warn">{text('token.once')}</Notice>
        <div className="secret-once">
          <code className="code" aria-label={text('token.value')}>
            {making.data}
          </code>
          <CopyButton value={making.data} />
        </div>
        <div className="modal-foot">
          <button type="button" className="button primary" onClick={onClose}>
            {text('token.done')}
          </button>
        </div>
      </Modal>
    )
  }
  return (
    <FormDialog
      title={text('token.title', { name })}
      submit={text('token.create')}
      isBusy={making.isPending}
      error={making.error}
      onSubmit={() => making.mutate()}
      onClose={onClose}
    >
      <TextField label={text('token.id')} hint={text('token.idHint')} value={id} onValue={setId} />
      <ChoiceField<Term>
        label={text('token.expires')}
        value={term}
        choices={(Object.keys(TERMS) as Term[]).map((one) => [one, text(`token.expires.${one}`)])}
        onChange={setTerm}
      />
    </FormDialog>
  )
}
