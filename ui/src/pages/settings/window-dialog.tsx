// The dialog of one sync window, with what it comes to shown while it is typed.
import { useState } from 'react'
import type { SyncWindow } from '../../../../src/crds/app-project.ts'
import { windowFaults } from '../../form/next-windows.ts'
import { splitTexts } from '../../form/project.ts'
import { CheckField, ChoiceField, TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { NextOpen } from './next-open.tsx'
import { useSettingsText } from './use-settings-text.ts'

interface WindowDialogProps {
  readonly window: SyncWindow
  readonly onWindow: (window: SyncWindow) => void
  readonly onClose: () => void
}

type Texts = 'schedule' | 'duration' | 'timeZone' | 'description'
type Lists = 'applications' | 'namespaces' | 'clusters'

const SWITCHES = [
  ['andOperator', 'project.window.and', 'project.window.andHint'],
  ['manualSync', 'project.window.manual', 'project.window.manualHint'],
  ['syncOverrun', 'project.window.overrun', 'project.window.overrunHint'],
] as const

export function WindowDialog({ window, onWindow, onClose }: WindowDialogProps) {
  const text = useSettingsText()
  const [draft, setDraft] = useState(() => ({
    ...window,
    applications: (window.applications ?? []).join(', '),
    namespaces: (window.namespaces ?? []).join(', '),
    clusters: (window.clusters ?? []).join(', '),
  }))
  const [nowMs] = useState(() => Date.now())
  const [isTried, setTried] = useState(false)
  const made = windowOf(draft)
  const faults = windowFaults(made)
  const field = (name: Texts | Lists): { value: string; onValue: (value: string) => void } => ({
    value: draft[name] ?? '',
    onValue: (value) => setDraft({ ...draft, [name]: value }),
  })
  return (
    <FormDialog
      title={text('project.window.title')}
      submit={text('project.done')}
      onClose={onClose}
      error={isTried && faults.length > 0 ? faults.join('; ') : undefined}
      onSubmit={() => {
        setTried(true)
        if (faults.length > 0) return
        onWindow(made)
        onClose()
      }}
    >
      <ChoiceField<'allow' | 'deny'>
        label={text('project.window.kind')}
        value={draft.kind ?? 'allow'}
        choices={[
          ['allow', text('project.window.allow')],
          ['deny', text('project.window.deny')],
        ]}
        onChange={(kind) => setDraft({ ...draft, kind })}
      />
      <div className="form-grid">
        <TextField
          label={text('project.window.schedule')}
          hint={text('project.window.scheduleHint')}
          {...field('schedule')}
        />
        <TextField
          label={text('project.window.duration')}
          hint={text('project.window.durationHint')}
          {...field('duration')}
        />
        <TextField label={text('project.window.zone')} hint={text('project.window.zoneHint')} {...field('timeZone')} />
        <TextField label={text('project.window.note')} {...field('description')} />
      </div>
      <NextOpen window={made} nowMs={nowMs} />
      <div className="form-grid">
        <TextField
          label={text('project.window.applications')}
          hint={text('project.window.globs')}
          {...field('applications')}
        />
        <TextField
          label={text('project.window.namespaces')}
          hint={text('project.window.globs')}
          {...field('namespaces')}
        />
        <TextField label={text('project.window.clusters')} hint={text('project.window.globs')} {...field('clusters')} />
      </div>
      <div className="switches">
        {SWITCHES.map(([name, label, hint]) => (
          <CheckField
            key={name}
            label={text(label)}
            hint={text(hint)}
            isOn={draft[name] === true}
            onChange={(isOn) => setDraft({ ...draft, [name]: isOn })}
          />
        ))}
      </div>
    </FormDialog>
  )
}

type Draft = Omit<SyncWindow, Lists> & Readonly<Record<Lists, string>>

/** Empty texts and switches that are off are left out. */
function windowOf({ applications, namespaces, clusters, ...rest }: Draft): SyncWindow {
  const kept = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== '' && value !== false))
  return { ...kept, ...listIn({ applications }), ...listIn({ namespaces }), ...listIn({ clusters }) }
}

function listIn(field: Readonly<Partial<Record<Lists, string>>>): Pick<SyncWindow, Lists> {
  return Object.fromEntries(
    Object.entries(field)
      .map(([name, value]) => [name, splitTexts(value)] as const)
      .filter(([, list]) => list.length > 0),
  )
}
