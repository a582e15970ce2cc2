// The dialog that connects or changes a repository or a credential template.
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { listProjects } from '../../api/calls.ts'
import { createCredentials, createRepository, updateCredentials, updateRepository } from '../../api/repositories.ts'
import {
  emptyRepository,
  REPOSITORY_KINDS,
  repositoryFaults,
  toCredentials,
  toRepository,
  type RepositoryForm,
  type RepositoryKind,
} from '../../form/repository.ts'
import { ChoiceField, TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { RepositoryCredentialFields, type RepositoryFieldsProps } from './repository-fields.tsx'
import { useSettingsText } from './use-settings-text.ts'

export type RepositoryTask =
  | { readonly does: 'create' | 'create-template' }
  | { readonly does: 'update' | 'update-template'; readonly form: RepositoryForm }

interface DialogProps {
  readonly task: RepositoryTask
  readonly onDone: () => void
  readonly onClose: () => void
}

const CALLS: Readonly<Record<RepositoryTask['does'], (form: RepositoryForm) => Promise<unknown>>> = {
  create: (form) => createRepository(toRepository(form)),
  update: (form) => updateRepository(toRepository(form)),
  'create-template': (form) => createCredentials(toCredentials(form)),
  'update-template': (form) => updateCredentials(toCredentials(form)),
}

const TITLES = {
  create: 'repo.connect',
  update: 'repo.editTitle',
  'create-template': 'repo.credsAdd',
  'update-template': 'repo.editCreds',
} as const

export function RepositoryDialog({ task, onDone, onClose }: DialogProps) {
  const text = useSettingsText()
  const [form, setForm] = useState('form' in task ? task.form : emptyRepository)
  const [isTried, setTried] = useState(false)
  const isTemplate = task.does === 'create-template' || task.does === 'update-template'
  const isNew = !('form' in task)
  const faults = repositoryFaults(form)
  const send = useMutation({
    mutationFn: () => CALLS[task.does](form),
    onSuccess: () => {
      onDone()
      onClose()
    },
  })
  const fields: RepositoryFieldsProps = {
    form,
    isTemplate,
    change: (changed) => setForm({ ...form, ...changed }),
    faultOf: (field) => {
      const fault = isTried ? faults[field] : undefined
      return fault === undefined ? undefined : text(`repo.fault.${fault}`)
    },
  }
  return (
    <FormDialog
      title={text(TITLES[task.does])}
      submit={text(submitKey(isNew, send.isPending))}
      isBusy={send.isPending}
      error={send.error}
      onClose={onClose}
      onSubmit={() => {
        setTried(true)
        if (Object.keys(faults).length === 0) send.mutate()
      }}
    >
      {!isNew && <p className="lead">{text('repo.secretsHint')}</p>}
      <Place {...fields} isNew={isNew} />
      <RepositoryCredentialFields {...fields} />
    </FormDialog>
  )
}

function submitKey(isNew: boolean, isBusy: boolean): 'app.save' | 'repo.connecting' | 'repo.connectSubmit' {
  if (isBusy) return 'repo.connecting'
  return isNew ? 'repo.connectSubmit' : 'app.save'
}

/** What it is and where. */
function Place({ form, change, faultOf, isTemplate, isNew }: RepositoryFieldsProps & { readonly isNew: boolean }) {
  const text = useSettingsText()
  const projects = useQuery({ queryKey: ['projects'], queryFn: ({ signal }) => listProjects(signal) })
  return (
    <>
      <ChoiceField<RepositoryKind>
        label={text('repo.kind')}
        value={form.kind}
        choices={REPOSITORY_KINDS.map((kind) => [kind, text(`repo.kind.${kind}`)])}
        onChange={(kind) => change({ kind })}
      />
      <TextField
        label={text(isTemplate ? 'repo.prefix' : 'repo.url')}
        value={form.url}
        onValue={(url) => change({ url })}
        fault={faultOf('url')}
        placeholder={PLACEHOLDERS[form.kind]}
        inputMode="url"
        readOnly={!isNew}
      />
      {!isTemplate && (
        <div className="form-grid">
          <TextField
            label={text('repo.name')}
            hint={text('repo.nameHint')}
            value={form.name}
            onValue={(name) => change({ name })}
          />
          <TextField
            label={text('repo.project')}
            hint={text('repo.projectHint')}
            value={form.project}
            onValue={(project) => change({ project })}
            choices={(projects.data ?? []).map(({ metadata }) => metadata.name ?? '')}
            readOnly={!isNew}
          />
        </div>
      )}
    </>
  )
}

const PLACEHOLDERS: Readonly<Record<RepositoryKind, string>> = {
  https: 'https://github.com/org/deploy.git',
  ssh: 'git@github.com:org/deploy.git',
  githubApp: 'https://github.com/org/deploy.git',
  google: 'https://source.developers.google.com/p/project/r/deploy',
  azure: 'https://dev.azure.com/org/project/_git/deploy',
  helm: 'https://charts.example.com',
  oci: 'oci://registry.example.com/charts',
}
