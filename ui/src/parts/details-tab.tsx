// What an application is, its labels, links, and its sync policy as switches.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ExternalLink } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import { listLinks, patchApplication } from '../api/resource-calls.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { labelsOf } from '../form/new-application.ts'
import { readPolicy, writePolicy, type PolicyForm } from '../form/policy.ts'
import { sourcesOf } from '../form/parameters.ts'
import { OPTION_SWITCHES, type OptionSwitch } from '../form/sync-options.ts'
import { queryKeys } from '../live/use-stream.ts'
import { CopyButton } from './copy-button.tsx'
import { CheckField, TextField } from './fields.tsx'
import { Failure } from './notice.tsx'
import { useText } from './preferences-context.tsx'
import { Fact } from './resource-summary.tsx'
import { TimeAgo } from './time-ago.tsx'
import { useMay } from './use-may.ts'
import { useSaveSpec } from './use-save-spec.ts'

interface DetailsProps {
  readonly id: ApplicationId
  readonly application: Application
}

export function DetailsTab({ id, application }: DetailsProps) {
  const text = useText()
  const { metadata, spec, status } = application
  const { destination } = spec
  return (
    <>
      <dl className="facts">
        <Fact label={text('form.project')}>{spec.project}</Fact>
        <Fact label={text('resource.namespace')}>{metadata.namespace}</Fact>
        <Fact label={text('form.cluster')}>{destination.name ?? destination.server ?? ''}</Fact>
        <Fact label={text('form.namespace')}>{destination.namespace}</Fact>
        <Fact label={text('resource.created')}>
          {typeof metadata.creationTimestamp === 'string' && <TimeAgo time={metadata.creationTimestamp} />}
        </Fact>
        <Fact label={text('details.compared')}>
          {status?.reconciledAt !== undefined && <TimeAgo time={status.reconciledAt} />}
        </Fact>
        {sourcesOf(spec).map((source, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- sources have no other name than their place
          <Fact key={index} label={text('page.source')}>
            <span className="with-copy">
              {source.repoURL}
              <CopyButton value={source.repoURL} label={source.repoURL} />
            </span>
            <p className="muted">
              {[source.chart ?? source.path, source.targetRevision ?? 'HEAD'].filter(Boolean).join(' @ ')}
            </p>
          </Fact>
        ))}
        <Fact label={text('resource.images')}>
          {(status?.summary?.images ?? []).map((image) => (
            <code key={image} className="block">
              {image}
            </code>
          ))}
        </Fact>
        <Fact label={text('details.urls')}>
          {(status?.summary?.externalURLs ?? []).map((url) => (
            <a key={url} className="outside" href={url} target="_blank" rel="noreferrer">
              <ExternalLink className="icon" aria-hidden /> {url}
            </a>
          ))}
        </Fact>
        <Links id={id} />
      </dl>
      <Labels id={id} application={application} />
      <Policy id={id} application={application} />
    </>
  )
}

function Links({ id }: { readonly id: ApplicationId }) {
  const text = useText()
  const { data } = useQuery({
    queryKey: ['links', id.namespace, id.name],
    queryFn: ({ signal }) => listLinks(id, undefined, signal),
  })
  return (
    <Fact label={text('details.links')}>
      {(data ?? []).map(({ title = '', url = '', description }) => (
        <a key={url} className="outside" href={url} target="_blank" rel="noreferrer" title={description}>
          <ExternalLink className="icon" aria-hidden /> {title}
        </a>
      ))}
    </Fact>
  )
}

function Labels({ id, application }: DetailsProps) {
  const text = useText()
  const client = useQueryClient()
  const may = useMay(application, 'update')
  const own = application.metadata.labels ?? {}
  const [typed, setTyped] = useState<string>()
  const wanted = labelsOf(typed ?? '')
  const save = useMutation({
    mutationFn: (labels: Readonly<Record<string, string>>) => {
      const removed = Object.keys(own).filter((name) => !Object.hasOwn(labels, name))
      return patchApplication(id, {
        metadata: { labels: { ...labels, ...Object.fromEntries(removed.map((name) => [name, null])) } },
      })
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: queryKeys.application(id) })
      setTyped(undefined)
    },
  })
  const shown = Object.entries(own).map(([name, value]) => `${name}=${value}`)
  function submit(event: FormEvent): void {
    event.preventDefault()
    if (wanted !== undefined) save.mutate(wanted)
  }
  return (
    <section className="detail-part">
      <h3>{text('form.labels')}</h3>
      <Failure error={save.error} />
      {typed === undefined ? (
        <div className="bar">
          <ul className="chips">
            {shown.map((label) => (
              <li key={label} className="chip still">
                {label}
              </li>
            ))}
            {shown.length === 0 && <li className="muted">{text('details.noLabels')}</li>}
          </ul>
          <EditButton may={may} onClick={() => setTyped(shown.join(', '))} />
        </div>
      ) : (
        <form onSubmit={submit}>
          <TextField
            label={text('form.labels')}
            hint={text('form.labelsHint')}
            value={typed}
            onValue={setTyped}
            fault={wanted === undefined ? text('form.labelsFault') : undefined}
          />
          <SaveBar isBusy={save.isPending} isOff={wanted === undefined} onCancel={() => setTyped(undefined)} />
        </form>
      )}
    </section>
  )
}

const OPTIONS = Object.keys(OPTION_SWITCHES) as OptionSwitch[]
const AUTOMATED = ['prune', 'selfHeal', 'allowEmpty'] as const

function Policy({ id, application }: DetailsProps) {
  const text = useText()
  const may = useMay(application, 'update')
  const own = readPolicy(application.spec)
  const [edited, setEdited] = useState<PolicyForm>()
  const save = useSaveSpec(id, () => setEdited(undefined))
  const form = edited ?? own
  const change = (changed: Partial<PolicyForm>): void => setEdited({ ...form, ...changed })
  function turn(name: OptionSwitch, isOn: boolean): void {
    const on = new Set(form.options.on)
    if (isOn) on.add(name)
    else on.delete(name)
    change({ options: { ...form.options, on } })
  }
  return (
    <section className="detail-part">
      <h3>{text('form.policy')}</h3>
      <Failure error={save.error} />
      <fieldset disabled={!may} className="policy" aria-label={text('form.policy')}>
        <CheckField
          label={text('details.automatic')}
          hint={text('form.policyHint')}
          isOn={form.isAutomatic}
          onChange={(isAutomatic) => change({ isAutomatic })}
        />
        {form.isAutomatic && (
          <div className="switches">
            {AUTOMATED.map((name) => (
              <CheckField
                key={name}
                label={text(`details.${name}`)}
                hint={text(`details.${name}Hint`)}
                isOn={form[name]}
                onChange={(isOn) => change({ [name]: isOn })}
              />
            ))}
          </div>
        )}
        <h4>{text('sync.options')}</h4>
        <div className="switches">
          {OPTIONS.map((name) => (
            <CheckField
              key={name}
              label={text(`sync.option.${name}`)}
              isOn={form.options.on.has(name)}
              onChange={(isOn) => turn(name, isOn)}
            />
          ))}
        </div>
      </fieldset>
      {!may && <p className="muted small">{text('may.not')}</p>}
      {edited !== undefined && (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            save.mutate(writePolicy(application.spec, edited))
          }}
        >
          <SaveBar isBusy={save.isPending} onCancel={() => setEdited(undefined)} />
        </form>
      )}
    </section>
  )
}

export function EditButton({ may, onClick }: { readonly may: boolean; readonly onClick: () => void }) {
  const text = useText()
  return (
    <button
      type="button"
      className="button"
      disabled={!may}
      title={may ? undefined : text('may.not')}
      onClick={onClick}
    >
      {text('resource.edit')}
    </button>
  )
}

interface SaveBarProps {
  readonly isBusy: boolean
  readonly isOff?: boolean
  readonly onCancel: () => void
}

export function SaveBar({ isBusy, isOff = false, onCancel }: SaveBarProps) {
  const text = useText()
  return (
    <div className="bar save-bar">
      <button type="submit" className="button primary" disabled={isBusy || isOff}>
        {text('resource.save')}
      </button>
      <button type="button" className="button" onClick={onCancel}>
        {text('app.cancel')}
      </button>
    </div>
  )
}
