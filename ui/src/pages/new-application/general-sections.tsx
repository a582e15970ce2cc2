// The NEW APP form's sections GENERAL and DESTINATION.
import { SYNC_OPTIONS, type NewApplicationForm } from '../../form/new-application.ts'
import { CheckField, ChoiceField, TextField } from '../../parts/fields.tsx'
import { useText } from '../../parts/preferences-context.tsx'
import type { KnownChoices } from '../../parts/use-completion.ts'

export interface SectionProps {
  readonly form: NewApplicationForm
  readonly change: (changed: Partial<NewApplicationForm>) => void
  readonly faultOf: (field: string) => string | undefined
  readonly known: KnownChoices
}

export function GeneralSection({ form, change, faultOf, known }: SectionProps) {
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
          choices={known.projects}
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

export function DestinationSection({ form, change, faultOf, known }: SectionProps) {
  const text = useText()
  return (
    <section className="card form-section">
      <h2>{text('form.destination')}</h2>
      <div className="form-grid">
        <TextField
          label={text('form.cluster')}
          value={form.server}
          onValue={(server) => change({ server })}
          choices={known.clusters}
          fault={faultOf('server')}
        />
        <TextField
          label={text('form.namespace')}
          value={form.namespace}
          onValue={(namespace) => change({ namespace })}
          choices={known.namespaces}
        />
      </div>
    </section>
  )
}
