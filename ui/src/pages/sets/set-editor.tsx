// The YAML of an ApplicationSet, with a look at what it would do before it is saved.
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { ApplicationSet } from '../../../../src/crds/application-set.ts'
import { previewSet, putSet } from '../../api/application-sets.ts'
import { parseManifest } from '../../manifest/yaml.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Yaml } from '../../parts/lazy-editor.tsx'
import { Failure, Notice } from '../../parts/notice.tsx'
import type { Right } from '../../parts/use-can.ts'
import { actOf, ACTS, type PlannedAct } from '../../sets/application-sets.ts'
import { useSetsText } from './use-sets-text.ts'

interface EditorProps {
  readonly first: string
  readonly isNew: boolean
  readonly right: Right
  readonly onSaved: (set: ApplicationSet) => void
}

export function SetEditor({ first, isNew, right, onSaved }: EditorProps) {
  const text = useSetsText()
  const [typed, setTyped] = useState<string>()
  const value = typed ?? first
  // Reading throws what is wrong, with its place; both calls show it as they show what the server refuses.
  const preview = useMutation({ mutationFn: async () => previewSet(parseManifest(value)) })
  const save = useMutation({
    mutationFn: async () => putSet(parseManifest(value), !isNew),
    onSuccess: (set) => {
      setTyped(undefined)
      onSaved(set)
    },
  })
  function change(next: string): void {
    setTyped(next)
    preview.reset()
    save.reset()
  }
  return (
    <div className="set-editor">
      <div className="bar">
        <ActionButton isBusy={preview.isPending} onPress={() => preview.mutate()}>
          {text(preview.isPending ? 'sets.previewing' : 'sets.preview')}
        </ActionButton>
        <ActionButton look="primary" right={right} isBusy={save.isPending} onPress={() => save.mutate()}>
          {text(isNew ? 'sets.create' : 'sets.save')}
        </ActionButton>
        <span className="muted">{text('sets.previewHint')}</span>
      </div>
      <Failure error={save.error ?? preview.error} />
      {save.isSuccess && typed === undefined && <Notice tone="good">{text('sets.saved')}</Notice>}
      {preview.data !== undefined && <Preview set={preview.data} />}
      <Yaml label={text('sets.yaml')} value={value} onValue={change} />
    </div>
  )
}

const TONES: Readonly<Record<PlannedAct, string>> = {
  create: 'good',
  change: 'busy',
  keep: 'quiet',
  delete: 'bad',
  invalid: 'warn',
}

function Preview({ set }: { readonly set: ApplicationSet }) {
  const text = useSetsText()
  const lines = (set.status?.resources ?? []).map((line) => ({ name: line.name ?? '', act: actOf(line) }))
  return (
    <section className="card preview" aria-label={text('sets.previewTitle')}>
      <div className="card-top">
        <h2>{text('sets.previewTitle')}</h2>
        {ACTS.map((act) => {
          const count = lines.filter((line) => line.act === act).length
          return count === 0 ? null : (
            <span key={act} className={`badge tone-${TONES[act]}`}>
              {count} {text(`sets.act.${act}`)}
            </span>
          )
        })}
      </div>
      {lines.length === 0 ? (
        <p className="muted">{text('sets.noApplications')}</p>
      ) : (
        <DataTable
          label={text('sets.previewTitle')}
          rows={lines.toSorted((a, b) => ACTS.indexOf(a.act) - ACTS.indexOf(b.act))}
          keyOf={({ name }) => name}
          wordsOf={({ name, act }) => `${name} ${text(`sets.act.${act}`)}`}
          columns={[
            { id: 'name', title: text('sets.name'), cell: ({ name }) => <strong>{name}</strong> },
            {
              id: 'act',
              title: text('sets.act'),
              cell: ({ act }) => <span className={`badge tone-${TONES[act]}`}>{text(`sets.act.${act}`)}</span>,
            },
          ]}
        />
      )}
    </section>
  )
}
