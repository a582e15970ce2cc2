// Which resources are synced: all, those out of sync, or chosen ones.
import { useState } from 'react'
import type { ResourceStatus } from '../../../src/crds/application.ts'
import { resourceKey } from '../tree/nodes.ts'
import { StatusIcon } from './badge.tsx'
import { KindMark } from './kind-mark.tsx'
import { useText } from './preferences-context.tsx'

interface ResourcesProps {
  readonly resources: readonly ResourceStatus[]
  readonly selected: ReadonlySet<string>
  readonly onSelected: (selected: ReadonlySet<string>) => void
}

/** More resources than this get a field to find some. */
const MANY = 8

export function SyncResources({ resources, selected, onSelected }: ResourcesProps) {
  const text = useText()
  const [typed, setTyped] = useState('')
  const wanted = typed.toLowerCase()
  const shown = resources.filter(({ kind = '', name = '' }) => `${kind} ${name}`.toLowerCase().includes(wanted))
  const select = (some: readonly ResourceStatus[]): void => onSelected(new Set(some.map(resourceKey)))
  function toggle(key: string, isOn: boolean): void {
    const next = new Set(selected)
    if (isOn) next.add(key)
    else next.delete(key)
    onSelected(next)
  }
  return (
    <fieldset className="resources">
      <legend>
        {text('sync.resources')}{' '}
        <span className="muted">{text('list.count', { shown: selected.size, all: resources.length })}</span>
      </legend>
      <div className="facets">
        <button type="button" className="facet" onClick={() => select(resources)}>
          {text('sync.all')}
        </button>
        <button
          type="button"
          className="facet"
          onClick={() => select(resources.filter(({ status }) => status !== 'Synced'))}
        >
          {text('sync.outOfSync')}
        </button>
        <button type="button" className="facet" onClick={() => select([])}>
          {text('sync.none')}
        </button>
      </div>
      {resources.length > MANY && (
        <input
          type="search"
          className="search"
          aria-label={text('tree.find')}
          placeholder={text('tree.find')}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
      <ul>
        {shown.map((resource) => {
          const key = resourceKey(resource)
          const { kind = '', name = '', status = 'Unknown', requiresPruning } = resource
          return (
            <li key={key}>
              <label className="resource-choice">
                <input
                  type="checkbox"
                  checked={selected.has(key)}
                  onChange={(event) => toggle(key, event.target.checked)}
                />
                <StatusIcon status={status} label={status} />
                <KindMark kind={kind} />
                <span className="break">
                  <span className="muted">{kind}</span> {name}
                </span>
                {requiresPruning === true && <span className="note">{text('page.prune')}</span>}
              </label>
            </li>
          )
        })}
      </ul>
    </fieldset>
  )
}
