// The dialog that deletes an application, with or without what it deployed.
import { useMutation } from '@tanstack/react-query'
import { useId, useState, type FormEvent } from 'react'
import { deleteApplication } from '../api/calls.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { TextField } from './fields.tsx'
import { Modal } from './modal.tsx'
import { Failure } from './notice.tsx'
import { useText } from './preferences-context.tsx'

interface DeleteDialogProps {
  readonly id: ApplicationId
  readonly onClose: () => void
}

export function DeleteDialog({ id, onClose }: DeleteDialogProps) {
  const text = useText()
  const [isCascading, setCascading] = useState(true)
  const [typed, setTyped] = useState('')
  // The live stream tells when it is gone and leads back to the list.
  const remove = useMutation({ mutationFn: () => deleteApplication(id, isCascading), onSuccess: onClose })
  function submit(event: FormEvent): void {
    event.preventDefault()
    if (typed === id.name) remove.mutate()
  }
  return (
    <Modal title={text('delete.title', { name: id.name })} onClose={onClose}>
      <form onSubmit={submit}>
        <Failure error={remove.error} />
        <fieldset className="choices">
          <legend>{text('delete.choice')}</legend>
          <Choice
            label={text('delete.cascade')}
            hint={text('delete.cascadeHint')}
            isChosen={isCascading}
            onChoose={() => setCascading(true)}
          />
          <Choice
            label={text('delete.orphan')}
            hint={text('delete.orphanHint')}
            isChosen={!isCascading}
            onChoose={() => setCascading(false)}
          />
        </fieldset>
        <TextField label={text('delete.confirm', { name: id.name })} value={typed} onValue={setTyped} />
        <div className="modal-foot">
          <button type="submit" className="button danger" disabled={typed !== id.name || remove.isPending}>
            {text('delete.submit')}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {text('app.cancel')}
          </button>
        </div>
      </form>
    </Modal>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly hint: string
  readonly isChosen: boolean
  readonly onChoose: () => void
}

function Choice({ label, hint, isChosen, onChoose }: ChoiceProps) {
  const id = useId()
  return (
    <div className="check">
      <input
        id={id}
        type="radio"
        name="cascade"
        checked={isChosen}
        onChange={onChoose}
        aria-describedby={`${id}-hint`}
      />
      <label htmlFor={id}>{label}</label>
      <p id={`${id}-hint`} className="hint">
        {hint}
      </p>
    </div>
  )
}
