// The NEW APP form (001-36): GENERAL, SOURCE, DESTINATION, and CREATE at the top; as fields or as YAML.
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState, type FormEvent } from 'react'
import { flushSync } from 'react-dom'
import { createApplication, readApplication } from '../api/calls.ts'
import { cloneOf, formOfApplication, toApplication } from '../form/application-manifest.ts'
import { addToList, emptyForm, faultsOf, refusedField, type FormFault, type NewApplicationForm } from '../form/new-application.ts' // prettier-ignore
import { isObject, type JsonObject } from '../manifest/json.ts'
import { parseManifest, yamlOf } from '../manifest/yaml.ts'
import { Yaml } from '../parts/lazy-editor.tsx'
import { Failure } from '../parts/notice.tsx'
import { useText } from '../parts/preferences-context.tsx'
import { useKnownChoices } from '../parts/use-completion.ts'
import type { TextKey } from '../text/en.ts'
import { DestinationSection, GeneralSection } from './new-application/general-sections.tsx'
import { SourceSection } from './new-application/source-section.tsx'

const route = getRouteApi('/inside/applications/new')

const FAULT_TEXTS: Readonly<Record<FormFault, TextKey>> = {
  required: 'form.required',
  name: 'form.nameFault',
  labels: 'form.labelsFault',
}

/** Waits for what is to be cloned, where something is. */
export function NewApplicationPage() {
  const text = useText()
  const { clone } = route.useSearch()
  const [namespace = '', name = ''] = (clone ?? '').split('/')
  const model = useQuery({
    queryKey: ['clone', namespace, name],
    queryFn: ({ signal }) => readApplication({ namespace, name }, { signal }),
    enabled: clone !== undefined,
  })
  useEffect(() => {
    document.title = `${text('form.title')} – ${text('app.title')}`
  }, [text])
  if (clone !== undefined && model.data === undefined) {
    return model.error === null ? <p className="muted">{text('app.loading')}</p> : <Failure error={model.error} />
  }
  const base = isObject(model.data) ? cloneOf(model.data) : {}
  return <NewApplication key={clone} first={base} />
}

function NewApplication({ first }: { readonly first: JsonObject }) {
  const text = useText()
  const navigate = useNavigate()
  const [base, setBase] = useState(first)
  const [form, setForm] = useState<NewApplicationForm>(() =>
    Object.keys(first).length === 0 ? emptyForm : formOfApplication(first),
  )
  // What was typed into the list of values files and not yet confirmed counts too.
  const [typedValues, setTypedValues] = useState<readonly string[]>([])
  const [yaml, setYaml] = useState<string>()
  const page = useRef<HTMLFormElement>(null)
  const [isTried, setTried] = useState(false)
  const known = useKnownChoices()
  const complete = withTyped(form, typedValues)
  const faults = isTried ? faultsOf(complete) : {}
  const create = useMutation({
    mutationFn: async () => createApplication(yaml === undefined ? toApplication(complete, base) : parseManifest(yaml)),
    onSuccess: ({ metadata }) =>
      navigate({
        to: '/applications/$namespace/$name',
        params: { namespace: metadata.namespace ?? '', name: metadata.name ?? '' },
      }),
    onError: () => window.scrollTo({ top: 0 }),
  })
  const refusal = create.error === null ? undefined : refusedField(create.error.message)
  function submit(event: FormEvent): void {
    event.preventDefault()
    create.reset()
    if (yaml !== undefined || Object.keys(faultsOf(complete)).length === 0) {
      create.mutate()
      return
    }
    // The faults have to be drawn before the first of them can take the focus.
    flushSync(() => setTried(true))
    page.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }
  function faultOf(field: string): string | undefined {
    const fault = faults[field]
    if (fault !== undefined) return text(FAULT_TEXTS[fault])
    return refusal === field ? text('form.refused') : undefined
  }
  const change = (changed: Partial<NewApplicationForm>): void => {
    create.reset()
    setForm({ ...form, ...changed })
  }
  const section = { form, change, faultOf, known }
  return (
    <form ref={page} className="new-app" onSubmit={submit} noValidate>
      <FormBar
        isBusy={create.isPending}
        isYaml={yaml !== undefined}
        onMode={(isYaml) => {
          create.reset()
          if (isYaml) setYaml(yamlOf(toApplication(complete, base)))
          else takeYaml(yaml ?? '', { setBase, setForm, setYaml, setTypedValues })
        }}
      />
      <Failure error={create.error} />
      {yaml === undefined ? (
        <>
          <GeneralSection {...section} />
          {form.sources.map((source, index) => (
            <SourceSection
              key={index}
              {...section}
              source={source}
              index={index}
              typedValues={typedValues[index] ?? ''}
              onTypedValues={(typed) => setTypedValues(withAt(typedValues, index, typed))}
            />
          ))}
          <DestinationSection {...section} />
        </>
      ) : (
        <YamlPart
          value={yaml}
          onValue={(next) => {
            create.reset()
            setYaml(next)
          }}
        />
      )}
    </form>
  )
}

function withTyped(form: NewApplicationForm, typed: readonly string[]): NewApplicationForm {
  const sources = form.sources.map((source, index) => ({
    ...source,
    valueFiles: addToList(source.valueFiles, typed[index] ?? ''),
  }))
  return { ...form, sources }
}

function withAt(list: readonly string[], index: number, value: string): readonly string[] {
  const next = [...list]
  next[index] = value
  return next
}

interface Takers {
  readonly setBase: (base: JsonObject) => void
  readonly setForm: (form: NewApplicationForm) => void
  readonly setYaml: (yaml: string | undefined) => void
  readonly setTypedValues: (typed: readonly string[]) => void
}

/** Back to the fields; a text that cannot be read stays to be mended. */
function takeYaml(yaml: string, { setBase, setForm, setYaml, setTypedValues }: Takers): void {
  try {
    const manifest = parseManifest(yaml)
    setBase(manifest)
    setForm(formOfApplication(manifest))
    setTypedValues([])
    setYaml(undefined)
  } catch {
    // YamlPart says what is wrong with it.
  }
}

function YamlPart({ value, onValue }: { readonly value: string; readonly onValue: (value: string) => void }) {
  const text = useText()
  return (
    <section className="card form-section">
      <Yaml label={text('form.yaml')} value={value} onValue={onValue} />
      <output className="hint fault">{faultOfYaml(value)}</output>
    </section>
  )
}

function faultOfYaml(value: string): string {
  try {
    parseManifest(value)
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

interface BarProps {
  readonly isBusy: boolean
  readonly isYaml: boolean
  readonly onMode: (isYaml: boolean) => void
}

function FormBar({ isBusy, isYaml, onMode }: BarProps) {
  const text = useText()
  return (
    <div className="bar form-bar">
      <h1>{text('form.title')}</h1>
      <fieldset className="segments" aria-label={text('form.view')}>
        <button type="button" aria-pressed={!isYaml} onClick={() => isYaml && onMode(false)}>
          {text('form.fields')}
        </button>
        <button type="button" aria-pressed={isYaml} onClick={() => !isYaml && onMode(true)}>
          {text('form.yaml')}
        </button>
      </fieldset>
      <div className="actions push">
        <button type="submit" className="button primary" disabled={isBusy}>
          {text(isBusy ? 'form.creating' : 'form.create')}
        </button>
        <Link to="/applications" className="button">
          {text('app.cancel')}
        </Link>
      </div>
    </div>
  )
}
