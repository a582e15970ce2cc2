// One section SOURCE of the NEW APP form: a folder of Git, or a chart.
import { Plus, X } from 'lucide-react'
import { emptySource, type SourceForm } from '../../form/new-application.ts'
import { TextField } from '../../parts/fields.tsx'
import { ListField } from '../../parts/list-field.tsx'
import { useText } from '../../parts/preferences-context.tsx'
import { useSourceChoices, type SourceChoices } from '../../parts/use-completion.ts'
import type { SectionProps } from './general-sections.tsx'

interface SourceProps extends SectionProps {
  readonly source: SourceForm
  readonly index: number
  readonly typedValues: string
  readonly onTypedValues: (typed: string) => void
}

export function SourceSection(props: SourceProps) {
  const text = useText()
  const { form, change, source, index, known, faultOf } = props
  const choices = useSourceChoices(source, form.project)
  const isLast = index === form.sources.length - 1
  function put(changed: Partial<SourceForm>): void {
    change({ sources: form.sources.map((other, at) => (at === index ? { ...other, ...changed } : other)) })
  }
  return (
    <section className="card form-section">
      <div className="section-top">
        <h2>
          {text('form.source')}
          {form.sources.length > 1 && ` ${index + 1}`}
        </h2>
        <fieldset className="segments" aria-label={text('form.sourceKind')}>
          <button
            type="button"
            aria-pressed={!source.isChart}
            onClick={() => put({ isChart: false, revision: 'HEAD' })}
          >
            {text('form.git')}
          </button>
          <button type="button" aria-pressed={source.isChart} onClick={() => put({ isChart: true, revision: '' })}>
            {text('form.helm')}
          </button>
        </fieldset>
        {form.sources.length > 1 && (
          <button
            type="button"
            className="button plain icon-only push"
            aria-label={text('form.removeSource', { row: index + 1 })}
            onClick={() => change({ sources: form.sources.filter((_, at) => at !== index) })}
          >
            <X className="icon" aria-hidden />
          </button>
        )}
      </div>
      <TextField
        label={text('form.repo')}
        value={source.repoURL}
        onValue={(repoURL) => put({ repoURL })}
        choices={known.repositories}
        fault={faultOf(`${index}.repoURL`) ?? choices.repositoryFault}
        inputMode="url"
      />
      {source.isChart ? (
        <ChartPlace {...props} choices={choices} put={put} />
      ) : (
        <GitPlace {...props} choices={choices} put={put} />
      )}
      <ValuesFiles {...props} choices={choices} put={put} />
      {form.sources.length > 1 && (
        <TextField
          label={text('form.ref')}
          hint={text('form.refHint')}
          value={source.ref}
          onValue={(ref) => put({ ref })}
        />
      )}
      {isLast && (
        <button
          type="button"
          className="button add-source"
          onClick={() => change({ sources: [...form.sources, emptySource] })}
        >
          <Plus className="icon" aria-hidden />
          {text('form.addSource')}
        </button>
      )}
    </section>
  )
}

interface PlaceProps extends SourceProps {
  readonly choices: SourceChoices
  readonly put: (changed: Partial<SourceForm>) => void
}

function GitPlace({ source, index, choices, put, faultOf }: PlaceProps) {
  const text = useText()
  const { detected } = choices
  return (
    <div className="form-grid">
      <TextField
        label={text('form.revision')}
        hint={text('form.revisionHint')}
        value={source.revision}
        onValue={(revision) => put({ revision })}
        choices={choices.revisions}
      />
      <TextField
        label={text('form.path')}
        hint={detected === undefined ? text('form.pathHint') : text('form.detected', { type: detected })}
        value={source.path}
        onValue={(path) => put({ path })}
        choices={choices.paths}
        fault={faultOf(`${index}.path`) ?? choices.pathFault}
      />
    </div>
  )
}

function ChartPlace({ source, index, choices, put, faultOf }: PlaceProps) {
  const text = useText()
  return (
    <div className="form-grid">
      <TextField
        label={text('form.chart')}
        value={source.chart}
        onValue={(chart) => put({ chart })}
        choices={choices.charts}
        fault={faultOf(`${index}.chart`)}
      />
      <TextField
        label={text('form.version')}
        hint={text('form.versionHint')}
        value={source.revision}
        onValue={(revision) => put({ revision })}
        choices={choices.revisions}
        fault={faultOf(`${index}.revision`)}
      />
    </div>
  )
}

function ValuesFiles({ source, choices, put, typedValues, onTypedValues }: PlaceProps) {
  const text = useText()
  const isHelm = source.isChart || choices.detected === undefined || choices.detected === 'Helm'
  if (!isHelm && source.valueFiles.length === 0) return null
  return (
    <ListField
      label={text('form.values')}
      hint={text('form.valuesHint')}
      list={source.valueFiles}
      onList={(valueFiles) => put({ valueFiles })}
      typed={typedValues}
      onTyped={onTypedValues}
      choices={choices.valueFiles}
    />
  )
}
