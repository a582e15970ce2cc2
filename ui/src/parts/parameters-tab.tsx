// The parameters of an application's sources: Helm's, Kustomize's, those of plain folders; each source by itself.
import { useQuery } from '@tanstack/react-query'
import { Plus, X } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import type { Application, ApplicationSource } from '../../../src/crds/application.ts'
import { readAppDetails } from '../api/calls.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { repositoryLabel } from '../applications/wording.ts'
import {
  readSource,
  sourcesOf,
  toolOf,
  withSource,
  writeSource,
  type NameValue,
  type SourceForm,
  type SourceTool,
} from '../form/parameters.ts'
import { EditButton, SaveBar } from './details-tab.tsx'
import { CheckField, TextField } from './fields.tsx'
import { Yaml } from './lazy-editor.tsx'
import { ListField } from './list-field.tsx'
import { Failure } from './notice.tsx'
import { useText } from './preferences-context.tsx'
import { Fact } from './resource-summary.tsx'
import { useMay } from './use-may.ts'
import { useSaveSpec } from './use-save-spec.ts'

interface ParametersProps {
  readonly id: ApplicationId
  readonly application: Application
}

export function ParametersTab({ id, application }: ParametersProps) {
  const sources = sourcesOf(application.spec)
  const types = application.status?.sourceTypes ?? []
  return sources.map((source, index) => (
    <SourcePart
      // oxlint-disable-next-line react/no-array-index-key -- sources have no other name than their place
      key={index}
      id={id}
      application={application}
      source={source}
      index={index}
      type={types[index] ?? application.status?.sourceType ?? ''}
    />
  ))
}

interface SourceProps extends ParametersProps {
  readonly source: ApplicationSource
  readonly index: number
  readonly type: string
}

function SourcePart({ id, application, source, index, type }: SourceProps) {
  const text = useText()
  const may = useMay(application, 'update')
  const [form, setForm] = useState<SourceForm>()
  const save = useSaveSpec(id, () => setForm(undefined))
  const tool = toolOf(source, type)
  function submit(event: FormEvent): void {
    event.preventDefault()
    if (form !== undefined) save.mutate(withSource(application.spec, index, writeSource(source, form, tool)))
  }
  return (
    <section className="detail-part card">
      <div className="bar">
        <h3 className="break">
          {repositoryLabel(source.repoURL)} <span className="note">{text(`parameters.tool.${tool}`)}</span>
        </h3>
        {form === undefined && (
          <span className="push">
            <EditButton may={may} onClick={() => setForm(readSource(source))} />
          </span>
        )}
      </div>
      <Failure error={save.error} />
      {form === undefined ? (
        <Shown form={readSource(source)} tool={tool} />
      ) : (
        <form onSubmit={submit}>
          <SourceFields
            application={application}
            source={source}
            form={form}
            tool={tool}
            change={(changed) => setForm({ ...form, ...changed })}
          />
          <SaveBar isBusy={save.isPending} onCancel={() => setForm(undefined)} />
        </form>
      )}
    </section>
  )
}

function Shown({ form, tool }: { readonly form: SourceForm; readonly tool: SourceTool }) {
  const text = useText()
  const { targetRevision, path, chart, valueFiles, parameters, values, releaseName } = form
  return (
    <>
      <dl className="facts">
        <Fact label={text('form.revision')}>{targetRevision === '' ? 'HEAD' : targetRevision}</Fact>
        <Fact label={text('form.path')}>{path}</Fact>
        <Fact label={text('parameters.chart')}>{chart}</Fact>
        {tool === 'helm' && (
          <>
            <Fact label={text('parameters.release')}>{releaseName}</Fact>
            <Fact label={text('form.values')}>{valueFiles.join(', ')}</Fact>
            {parameters.map(({ name, value }) => (
              <Fact key={name} label={name}>
                {value === '' ? '""' : value}
              </Fact>
            ))}
          </>
        )}
        {tool !== 'helm' && <OtherFacts form={form} />}
      </dl>
      {values !== '' && <pre className="code">{values}</pre>}
    </>
  )
}

function OtherFacts({ form }: { readonly form: SourceForm }) {
  const text = useText()
  const { images, namePrefix, nameSuffix, isRecursive, include, exclude } = form
  return (
    <>
      <Fact label={text('resource.images')}>{images.join(', ')}</Fact>
      <Fact label={text('parameters.prefix')}>{namePrefix}</Fact>
      <Fact label={text('parameters.suffix')}>{nameSuffix}</Fact>
      <Fact label={text('parameters.recurse')}>{isRecursive ? '✓' : ''}</Fact>
      <Fact label={text('parameters.include')}>{include}</Fact>
      <Fact label={text('parameters.exclude')}>{exclude}</Fact>
    </>
  )
}

interface FieldsProps {
  readonly application: Application
  readonly source: ApplicationSource
  readonly form: SourceForm
  readonly tool: SourceTool
  readonly change: (changed: Partial<SourceForm>) => void
}

function SourceFields({ application, source, form, tool, change }: FieldsProps) {
  const text = useText()
  const isChart = (source.chart ?? '') !== ''
  return (
    <>
      <div className="form-grid">
        <TextField label={text('form.repo')} value={form.repoURL} onValue={(repoURL) => change({ repoURL })} />
        <TextField
          label={text('form.revision')}
          value={form.targetRevision}
          onValue={(targetRevision) => change({ targetRevision })}
        />
        {isChart ? (
          <TextField label={text('parameters.chart')} value={form.chart} onValue={(chart) => change({ chart })} />
        ) : (
          <TextField label={text('form.path')} value={form.path} onValue={(path) => change({ path })} />
        )}
      </div>
      {tool === 'helm' && <HelmFields application={application} source={source} form={form} change={change} />}
      {tool === 'kustomize' && <KustomizeFields form={form} change={change} />}
      {tool === 'directory' && <DirectoryFields form={form} change={change} />}
    </>
  )
}

/** What the chart offers; shown as placeholders and completion. */
function useOffered({
  application,
  source,
}: {
  readonly application: Application
  readonly source: ApplicationSource
}) {
  const { repoURL, targetRevision = 'HEAD', path = '' } = source
  const { project } = application.spec
  const { data } = useQuery({
    queryKey: ['details', { repo: repoURL, revision: targetRevision, project }, path],
    queryFn: ({ signal }) => readAppDetails({ repo: repoURL, revision: targetRevision, project }, path, signal),
    enabled: path !== '',
  })
  return { valueFiles: data?.helm?.valueFiles ?? [], parameters: data?.helm?.parameters ?? [] }
}

type ToolFieldsProps = Pick<FieldsProps, 'form' | 'change'>

function HelmFields({ application, source, form, change }: Omit<FieldsProps, 'tool'>) {
  const text = useText()
  const [typed, setTyped] = useState('')
  const offered = useOffered({ application, source })
  return (
    <>
      <TextField
        label={text('parameters.release')}
        value={form.releaseName}
        onValue={(releaseName) => change({ releaseName })}
      />
      <ListField
        label={text('form.values')}
        hint={text('form.valuesHint')}
        list={form.valueFiles}
        onList={(valueFiles) => change({ valueFiles })}
        typed={typed}
        onTyped={setTyped}
        choices={offered.valueFiles}
      />
      <ParameterRows
        parameters={form.parameters}
        choices={offered.parameters.map(({ name = '' }) => name)}
        valueOf={(name) => offered.parameters.find((parameter) => parameter.name === name)?.value ?? ''}
        onParameters={(parameters) => change({ parameters })}
      />
      <h4>{text('parameters.values')}</h4>
      <Yaml label={text('parameters.values')} value={form.values} onValue={(values) => change({ values })} isShort />
    </>
  )
}

interface RowsProps {
  readonly parameters: readonly NameValue[]
  readonly choices: readonly string[]
  /** What the chart itself has. */
  readonly valueOf: (name: string) => string
  readonly onParameters: (parameters: readonly NameValue[]) => void
}

function ParameterRows({ parameters, choices, valueOf, onParameters }: RowsProps) {
  const text = useText()
  const put = (index: number, changed: Partial<NameValue>): void =>
    onParameters(parameters.map((old, place) => (place === index ? { ...old, ...changed } : old)))
  return (
    <fieldset className="parameter-rows">
      <legend>{text('parameters.title')}</legend>
      {parameters.map(({ name, value, isText }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- rows keep their place while they are typed into
        <div key={index} className="parameter-row">
          <TextField
            label={text('parameters.name')}
            value={name}
            choices={choices}
            onValue={(typed) => put(index, { name: typed })}
          />
          <TextField
            label={text('parameters.value')}
            value={value}
            placeholder={valueOf(name)}
            onValue={(typed) => put(index, { value: typed })}
          />
          <CheckField
            label={text('parameters.isText')}
            isOn={isText}
            onChange={(isOn) => put(index, { isText: isOn })}
          />
          <button
            type="button"
            className="button plain"
            aria-label={text('form.remove', { name })}
            onClick={() => onParameters(parameters.filter((_, place) => place !== index))}
          >
            <X className="icon" aria-hidden />
          </button>
        </div>
      ))}
      <button
        type="button"
        className="link-button"
        onClick={() => onParameters([...parameters, { name: '', value: '', isText: false }])}
      >
        <Plus className="icon" aria-hidden />
        {text('parameters.add')}
      </button>
    </fieldset>
  )
}

function KustomizeFields({ form, change }: ToolFieldsProps) {
  const text = useText()
  const [typed, setTyped] = useState('')
  return (
    <>
      <ListField
        label={text('resource.images')}
        hint={text('parameters.imagesHint')}
        list={form.images}
        onList={(images) => change({ images })}
        typed={typed}
        onTyped={setTyped}
        choices={[]}
      />
      <div className="form-grid">
        <TextField
          label={text('parameters.prefix')}
          value={form.namePrefix}
          onValue={(namePrefix) => change({ namePrefix })}
        />
        <TextField
          label={text('parameters.suffix')}
          value={form.nameSuffix}
          onValue={(nameSuffix) => change({ nameSuffix })}
        />
      </div>
    </>
  )
}

function DirectoryFields({ form, change }: ToolFieldsProps) {
  const text = useText()
  return (
    <>
      <CheckField
        label={text('parameters.recurse')}
        isOn={form.isRecursive}
        onChange={(isRecursive) => change({ isRecursive })}
      />
      <div className="form-grid">
        <TextField label={text('parameters.include')} value={form.include} onValue={(include) => change({ include })} />
        <TextField label={text('parameters.exclude')} value={form.exclude} onValue={(exclude) => change({ exclude })} />
      </div>
    </>
  )
}
