// The dialog that starts a sync: revision, options, resources, and a look at what would change (001-12, 001-16, 001-23).
import { useMutation } from '@tanstack/react-query'
import { Eye } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import { syncApplication } from '../api/calls.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { repositoryLabel } from '../applications/wording.ts'
import { OPTION_SWITCHES, PROPAGATIONS, type OptionSwitch, type Propagation } from '../form/sync-options.ts'
import { FIRST_RETRY, firstChoice, syncRequest, type SyncChoice } from '../form/sync-request.ts'
import { CheckField, ChoiceField, TextField } from './fields.tsx'
import { Modal } from './modal.tsx'
import { Failure, Notice } from './notice.tsx'
import { useText } from './preferences-context.tsx'
import { SyncPreview } from './sync-preview.tsx'
import { SyncResources } from './sync-resources.tsx'

interface SyncDialogProps {
  readonly id: ApplicationId
  readonly application: Application
  readonly onClose: () => void
}

const SWITCHES = ['prune', 'dryRun', 'applyOnly', 'force'] as const
const OPTIONS = Object.keys(OPTION_SWITCHES) as OptionSwitch[]
const RETRY_FIELDS = ['limit', 'duration', 'maxDuration', 'factor'] as const

export function SyncDialog({ id, application, onClose }: SyncDialogProps) {
  const text = useText()
  const resources = (application.status?.resources ?? []).filter(({ hook }) => hook !== true)
  const [choice, setChoice] = useState<SyncChoice>(() => firstChoice(application))
  const [isPreviewing, setPreviewing] = useState(false)
  const change = (changed: Partial<SyncChoice>): void => setChoice({ ...choice, ...changed })
  const sync = useMutation({
    mutationFn: () => syncApplication(id, syncRequest(choice, resources, application)),
    onSuccess: onClose,
  })
  function submit(event: FormEvent): void {
    event.preventDefault()
    sync.mutate()
  }
  return (
    <Modal title={text('sync.title', { name: id.name })} isWide onClose={onClose}>
      <form onSubmit={submit} className="sync-form">
        <Failure error={sync.error} />
        <div className="sync-columns">
          <div>
            <Revisions application={application} choice={choice} change={change} />
            <Switches choice={choice} change={change} />
            <Options choice={choice} change={change} />
            <Retry choice={choice} change={change} />
          </div>
          <SyncResources
            resources={resources}
            selected={choice.selected}
            onSelected={(selected) => change({ selected })}
          />
        </div>
        {isPreviewing && <SyncPreview id={id} application={application} choice={choice} />}
        <div className="modal-foot">
          <button
            type="submit"
            className="button primary"
            disabled={sync.isPending || (resources.length > 0 && choice.selected.size === 0)}
          >
            {text('sync.submit')}
          </button>
          <button
            type="button"
            className="button"
            aria-expanded={isPreviewing}
            onClick={() => setPreviewing(!isPreviewing)}
          >
            <Eye className="icon" aria-hidden />
            {text('sync.preview')}
          </button>
          <button type="button" className="button plain" onClick={onClose}>
            {text('app.cancel')}
          </button>
        </div>
      </form>
    </Modal>
  )
}

interface PartProps {
  readonly choice: SyncChoice
  readonly change: (changed: Partial<SyncChoice>) => void
}

function Revisions({ application, choice, change }: PartProps & { readonly application: Application }) {
  const text = useText()
  const sources = application.spec.sources ?? []
  if (sources.length === 0) {
    return (
      <TextField
        label={text('sync.revision')}
        hint={text('sync.revisionHint')}
        value={choice.revision}
        onValue={(revision) => change({ revision })}
      />
    )
  }
  return sources.map(({ repoURL, path, chart }, index) => (
    <TextField
      // oxlint-disable-next-line react/no-array-index-key -- sources have no other name than their place
      key={index}
      label={text('sync.revisionOf', {
        source: [repositoryLabel(repoURL), chart ?? path ?? ''].filter(Boolean).join(' · '),
      })}
      value={choice.revisions[index] ?? ''}
      onValue={(revision) =>
        change({ revisions: choice.revisions.map((old, place) => (place === index ? revision : old)) })
      }
    />
  ))
}

function Switches({ choice, change }: PartProps) {
  const text = useText()
  return (
    <div className="switches">
      {SWITCHES.map((name) => (
        <CheckField
          key={name}
          label={text(`sync.${name}`)}
          hint={text(`sync.${name}Hint`)}
          isOn={choice[name]}
          onChange={(isOn) => change({ [name]: isOn })}
        />
      ))}
    </div>
  )
}

function Options({ choice, change }: PartProps) {
  const text = useText()
  const { options } = choice
  function turn(name: OptionSwitch, isOn: boolean): void {
    const on = new Set(options.on)
    if (isOn) on.add(name)
    else on.delete(name)
    change({ options: { ...options, on } })
  }
  return (
    <fieldset className="option-set">
      <legend>{text('sync.options')}</legend>
      <div className="switches">
        {OPTIONS.map((name) => (
          <CheckField
            key={name}
            label={text(`sync.option.${name}`)}
            isOn={options.on.has(name)}
            onChange={(isOn) => turn(name, isOn)}
          />
        ))}
      </div>
      {options.on.has('replace') && <Notice tone="warn">{text('sync.replaceWarning')}</Notice>}
      <ChoiceField<Propagation>
        isInline
        label={text('sync.propagation')}
        value={options.propagation}
        choices={PROPAGATIONS.map((name) => [name, text(`sync.propagation.${name}`)])}
        onChange={(propagation) => change({ options: { ...options, propagation } })}
      />
    </fieldset>
  )
}

function Retry({ choice, change }: PartProps) {
  const text = useText()
  const { retry } = choice
  return (
    <fieldset className="option-set">
      <CheckField
        label={text('sync.retry')}
        hint={text('sync.retryHint')}
        isOn={retry !== undefined}
        onChange={(isOn) => change({ retry: isOn ? FIRST_RETRY : undefined })}
      />
      {retry !== undefined && (
        <div className="retry-fields">
          {RETRY_FIELDS.map((name) => (
            <TextField
              key={name}
              label={text(`sync.retry.${name}`)}
              value={retry[name]}
              inputMode={name === 'limit' || name === 'factor' ? 'numeric' : 'text'}
              onValue={(value) => change({ retry: { ...retry, [name]: value } })}
            />
          ))}
        </div>
      )}
    </fieldset>
  )
}
