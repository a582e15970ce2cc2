// The NEW APP form (001-36): GENERAL, SOURCE, DESTINATION, and CREATE at the top.
import { useMutation } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState, type FormEvent } from 'react'
import { flushSync } from 'react-dom'
import { createApplication } from '../api/calls.ts'
import {
  addToList,
  emptyForm,
  faultsOf,
  SYNC_OPTIONS,
  toApplication,
  type FormFault,
  type NewApplicationForm,
} from '../form/new-application.ts'
import { CheckField, ChoiceField, TextField } from '../parts/fields.tsx'
import { ListField } from '../parts/list-field.tsx'
import { Failure } from '../parts/notice.tsx'
import { useText } from '../parts/preferences-context.tsx'
import { useCompletion } from '../parts/use-completion.ts'
import type { TextKey } from '../text/en.ts'

const FAULT_TEXTS: Readonly<Record<FormFault, TextKey>> = {
  required: 'form.required',
  name: 'form.nameFault',
  labels: 'form.labelsFault',
}

interface SectionProps {
  readonly form: NewApplicationForm
  readonly change: (changed: Partial<NewApplicationForm>) => void
  readonly faultOf: (field: keyof NewApplicationForm) => string | undefined
  readonly completion: ReturnType<typeof useCompletion>
}

export function NewApplicationPage() {
  const text = useText()
  const navigate = useNavigate()
  const [form, setForm] = useState(emptyForm)
  const [typedValues, setTypedValues] = useState('')
  const page = useRef<HTMLFormElement>(null)
  const [isTried, setTried] = useState(false)
  const completion = useCompletion(form)
  // What was typed into the list of values files and not yet confirmed counts too.
  const complete = { ...form, valueFiles: addToList(form.valueFiles, typedValues) }
  const faults = isTried ? faultsOf(complete) : {}
  const create = useMutation({
    mutationFn: () => createApplication(toApplication(complete)),
    onSuccess: ({ metadata }) =>
      navigate({
        to: '/applications/$namespace/$name',
        params: { namespace: metadata.namespace ?? '', name: metadata.name ?? '' },
      }),
    onError: () => window.scrollTo({ top: 0 }),
  })
  useEffect(() => {
    document.title = `${text('form.title')} – ${text('app.title')}`
  }, [text])
  function submit(event: FormEvent): void {
    event.preventDefault()
    create.reset()
    if (Object.keys(faultsOf(complete)).length === 0) {
      create.mutate()
      return
    }
    // The faults have to be drawn before the first of them can take the focus.
    flushSync(() => setTried(true))
    page.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }
  const section: SectionProps = {
    form,
    change: (changed) => setForm({ ...form, ...changed }),
    faultOf: (field) => {
      const fault = faults[field]
      return fault === undefined ? undefined : text(FAULT_TEXTS[fault])
    },
    completion,
  }
  return (
    <form ref={page} className="new-app" onSubmit={submit} noValidate>
      <div className="bar form-bar">
        <h1>{text('form.title')}</h1>
        <div className="actions push">
          <button type="submit" className="button primary" disabled={create.isPending}>
            {text(create.isPending ? 'form.creating' : 'form.create')}
          </button>
          <Link to="/applications" className="button">
            {text('app.cancel')}
          </Link>
        </div>
      </div>
      <Failure error={create.error} />
      <GeneralSection {...section} />
      <SourceSection {...section} typedValues={typedValues} onTypedValues={setTypedValues} />
      <DestinationSection {...section} />
    </form>
  )
}

function GeneralSection({ form, change, faultOf, completion }: SectionProps) {
  const text = useText()
  return (
    <section className="card form-section">
      <h2>{text('form.general')}</h2>
      <div className="form-grid">
        <TextField
          label={text('form.name')}
          value={form.name}
          onValue={(name) => change({ name })}
          fault={faultOf('name')}
          autoCapitalize="none"
        />
        <TextField
          label={text('form.project')}
          value={form.project}
          onValue={(project) => change({ project })}
          choices={completion.projects}
          fault={faultOf('project')}
        />
        <TextField
          label={text('form.labels')}
          hint={text('form.labelsHint')}
          value={form.labels}
          onValue={(labels) => change({ labels })}
          fault={faultOf('labels')}
        />
        <ChoiceField<NewApplicationForm['policy']>
          label={text('form.policy')}
          hint={text('form.policyHint')}
          value={form.policy}
          choices={[
            ['manual', text('form.manual')],
            ['automatic', text('form.automatic')],
          ]}
          onChange={(policy) => change({ policy })}
        />
      </div>
      {form.policy === 'automatic' && (
        <div className="switches">
          <CheckField
            label={text('form.prune')}
            hint={text('form.pruneHint')}
            isOn={form.prune}
            onChange={(prune) => change({ prune })}
          />
          <CheckField
            label={text('form.selfHeal')}
            hint={text('form.selfHealHint')}
            isOn={form.selfHeal}
            onChange={(selfHeal) => change({ selfHeal })}
          />
        </div>
      )}
      <fieldset className="options">
        <legend>{text('form.options')}</legend>
        {SYNC_OPTIONS.map((option) => (
          <CheckField
            key={option}
            label={text(`form.option.${option}`)}
            isOn={form.syncOptions.includes(option)}
            onChange={(isOn) =>
              change({
                syncOptions: isOn
                  ? [...form.syncOptions, option]
                  : form.syncOptions.filter((other) => other !== option),
              })
            }
          />
        ))}
      </fieldset>
    </section>
  )
}

interface SourceProps extends SectionProps {
  readonly typedValues: string
  readonly onTypedValues: (typed: string) => void
}

function SourceSection({ form, change, faultOf, completion, typedValues, onTypedValues }: SourceProps) {
  const text = useText()
  const { detected } = completion
  return (
    <section className="card form-section">
      <h2>{text('form.source')}</h2>
      <TextField
        label={text('form.repo')}
        value={form.repoURL}
        onValue={(repoURL) => change({ repoURL })}
        choices={completion.repositories}
        fault={faultOf('repoURL') ?? completion.repositoryFault}
        inputMode="url"
      />
      <div className="form-grid">
        <TextField
          label={text('form.revision')}
          hint={text('form.revisionHint')}
          value={form.revision}
          onValue={(revision) => change({ revision })}
          choices={completion.revisions}
        />
        <TextField
          label={text('form.path')}
          hint={detected === undefined ? text('form.pathHint') : text('form.detected', { type: detected })}
          value={form.path}
          onValue={(path) => change({ path })}
          choices={completion.paths}
          fault={faultOf('path') ?? completion.pathFault}
        />
      </div>
      {(detected === undefined || detected === 'Helm' || form.valueFiles.length > 0) && (
        <ListField
          label={text('form.values')}
          hint={text('form.valuesHint')}
          list={form.valueFiles}
          onList={(valueFiles) => change({ valueFiles })}
          typed={typedValues}
          onTyped={onTypedValues}
          choices={completion.valueFiles}
        />
      )}
    </section>
  )
}

function DestinationSection({ form, change, faultOf, completion }: SectionProps) {
  const text = useText()
  return (
    <section className="card form-section">
      <h2>{text('form.destination')}</h2>
      <div className="form-grid">
        <TextField
          label={text('form.cluster')}
          value={form.server}
          onValue={(server) => change({ server })}
          choices={completion.clusters}
          fault={faultOf('server')}
        />
        <TextField
          label={text('form.namespace')}
          value={form.namespace}
          onValue={(namespace) => change({ namespace })}
          choices={completion.namespaces}
        />
      </div>
    </section>
  )
}
