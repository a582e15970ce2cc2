// The dialog that starts a sync: revision, options, resources (001-12, 001-23).
import { useMutation } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import { syncApplication } from '../api/calls.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { firstChoice, syncRequest, type SyncChoice } from '../form/sync-request.ts'
import { resourceKey } from '../tree/nodes.ts'
import { CheckField, TextField } from './fields.tsx'
import { Modal } from './modal.tsx'
import { Failure } from './notice.tsx'
import { useText } from './preferences-context.tsx'
import { StatusIcon } from './badge.tsx'

interface SyncDialogProps {
  readonly id: ApplicationId
  readonly application: Application
  readonly onClose: () => void
}

const SWITCHES = ['prune', 'dryRun', 'applyOnly', 'force'] as const

export function SyncDialog({ id, application, onClose }: SyncDialogProps) {
  const text = useText()
  const resources = (application.status?.resources ?? []).filter(({ hook }) => hook !== true)
  const [choice, setChoice] = useState<SyncChoice>(() => firstChoice(application))
  const sync = useMutation({
    mutationFn: () => syncApplication(id, syncRequest(choice, resources)),
    onSuccess: onClose,
  })
  function submit(event: FormEvent): void {
    event.preventDefault()
    sync.mutate()
  }
  function select(keys: readonly string[]): void {
    setChoice({ ...choice, selected: new Set(keys) })
  }
  return (
    <Modal title={text('sync.title', { name: id.name })} onClose={onClose}>
      <form onSubmit={submit}>
        <Failure error={sync.error} />
        <TextField
          label={text('sync.revision')}
          hint={text('sync.revisionHint')}
          value={choice.revision}
          onValue={(revision) => setChoice({ ...choice, revision })}
        />
        <div className="switches">
          {SWITCHES.map((name) => (
            <CheckField
              key={name}
              label={text(`sync.${name}`)}
              hint={text(`sync.${name}Hint`)}
              isOn={choice[name]}
              onChange={(isOn) => setChoice({ ...choice, [name]: isOn })}
            />
          ))}
        </div>
        <fieldset className="resources">
          <legend>{text('sync.resources')}</legend>
          <div className="facets">
            <button type="button" className="facet" onClick={() => select(resources.map(resourceKey))}>
              {text('sync.all')}
            </button>
            <button
              type="button"
              className="facet"
              onClick={() => select(resources.filter(({ status }) => status !== 'Synced').map(resourceKey))}
            >
              {text('sync.outOfSync')}
            </button>
            <button type="button" className="facet" onClick={() => select([])}>
              {text('sync.none')}
            </button>
          </div>
          <ul>
            {resources.map((resource) => {
              const key = resourceKey(resource)
              const { kind = '', name = '', status = 'Unknown' } = resource
              return (
                <li key={key}>
                  <label className="resource-choice">
                    <input
                      type="checkbox"
                      checked={choice.selected.has(key)}
                      onChange={(event) =>
                        select(
                          event.target.checked
                            ? [...choice.selected, key]
                            : [...choice.selected].filter((other) => other !== key),
                        )
                      }
                    />
                    <StatusIcon status={status} label={status} />
                    <span className="muted">{kind}</span> <span className="break">{name}</span>
                  </label>
                </li>
              )
            })}
          </ul>
        </fieldset>
        <div className="modal-foot">
          <button
            type="submit"
            className="button primary"
            disabled={sync.isPending || (resources.length > 0 && choice.selected.size === 0)}
          >
            {text('sync.submit')}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {text('app.cancel')}
          </button>
        </div>
      </form>
    </Modal>
  )
}
