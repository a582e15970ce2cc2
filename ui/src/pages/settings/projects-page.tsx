// Settings: the list of projects, and a new one.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { FolderKanban, Plus } from 'lucide-react'
import { useState } from 'react'
import type { AppProject } from '../../../../src/crds/app-project.ts'
import { listProjects } from '../../api/calls.ts'
import { createProject } from '../../api/projects.ts'
import { isProjectName, newProject } from '../../form/project.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { useSettingsText } from './use-settings-text.ts'

const CREATE = { resource: 'projects', action: 'create', objects: ['*'] }

export function ProjectsPage() {
  const text = useSettingsText()
  const projects = useQuery({ queryKey: ['projects'], queryFn: ({ signal }) => listProjects(signal) })
  const [isAdding, setAdding] = useState(false)
  return (
    <>
      <PageHead title={text('project.title')} lead={text('project.lead')}>
        <ActionButton icon={Plus} look="primary" right={CREATE} onPress={() => setAdding(true)}>
          {text('project.add')}
        </ActionButton>
      </PageHead>
      <Loaded query={projects}>{(rows) => <ProjectTable rows={rows} />}</Loaded>
      {isAdding && <NewProjectDialog onClose={() => setAdding(false)} />}
    </>
  )
}

function ProjectTable({ rows }: { readonly rows: readonly AppProject[] }) {
  const text = useSettingsText()
  if (rows.length === 0) return <Empty icon={FolderKanban} title={text('project.none')} />
  return (
    <DataTable
      label={text('project.title')}
      rows={rows}
      keyOf={({ metadata }) => metadata.name ?? ''}
      wordsOf={({ metadata, spec }) => [metadata.name, spec.description].join(' ')}
      columns={[
        {
          id: 'name',
          title: text('project.name'),
          cell: ({ metadata: { name = '' }, spec }) => (
            <>
              <Link to="/settings/projects/$name" params={{ name }} className="strong break">
                {name}
              </Link>
              {spec.description !== undefined && <span className="muted cell-note break">{spec.description}</span>}
            </>
          ),
        },
        {
          id: 'sources',
          title: text('project.sourcesCount'),
          cell: ({ spec }) => <Some list={spec.sourceRepos ?? []} />,
        },
        {
          id: 'destinations',
          title: text('project.destinationsCount'),
          cell: ({ spec }) => (
            <Some
              list={(spec.destinations ?? []).map(
                ({ name, server, namespace }) => `${name ?? server ?? '*'} / ${namespace ?? '*'}`,
              )}
            />
          ),
        },
        { id: 'roles', title: text('project.rolesCount'), cell: ({ spec }) => String(spec.roles?.length ?? 0) },
        {
          id: 'windows',
          title: text('project.windowsCount'),
          cell: ({ spec }) => String(spec.syncWindows?.length ?? 0),
        },
      ]}
    />
  )
}

/** The first of a list, and how many more there are. */
function Some({ list }: { readonly list: readonly string[] }) {
  const text = useSettingsText()
  const [first, ...others] = list
  if (first === undefined) return <span className="muted">{text('project.none')}</span>
  if (first === '*' || first === '* / *') return text('project.all')
  return (
    <span className="break">
      {first} {others.length > 0 && <span className="tag">+{others.length}</span>}
    </span>
  )
}

function NewProjectDialog({ onClose }: { readonly onClose: () => void }) {
  const text = useSettingsText()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [isTried, setTried] = useState(false)
  const create = useMutation({
    mutationFn: () => createProject(newProject(name.trim(), description.trim())),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['projects'] })
      await navigate({ to: '/settings/projects/$name', params: { name: name.trim() }, search: { tab: 'sources' } })
    },
  })
  const isNamed = isProjectName(name.trim())
  return (
    <FormDialog
      title={text('project.add')}
      submit={text('project.create')}
      isBusy={create.isPending}
      error={create.error}
      onClose={onClose}
      onSubmit={() => {
        setTried(true)
        if (isNamed) create.mutate()
      }}
    >
      <TextField
        label={text('project.name')}
        value={name}
        onValue={setName}
        autoCapitalize="none"
        fault={isTried && !isNamed ? text(name.trim() === '' ? 'app.required' : 'project.nameFault') : undefined}
      />
      <TextField label={text('project.description')} value={description} onValue={setDescription} maxLength={255} />
    </FormDialog>
  )
}
