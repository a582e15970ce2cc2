// Settings: repositories with the state of their connection, and credential templates.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { FolderGit2, KeyRound, Pencil, PlugZap, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import {
  deleteCredentials,
  deleteRepository,
  listCredentials,
  listRegistered,
  testRepository,
  type Repository,
  type RepositoryCredentials,
} from '../../api/repositories.ts'
import { formOfCredentials, formOfRepository, kindOf } from '../../form/repository.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { Connection } from '../../parts/connection.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Failure } from '../../parts/notice.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import type { Right } from '../../parts/use-can.ts'
import { RepositoryDialog, type RepositoryTask } from './repository-dialog.tsx'
import { useSettingsText } from './use-settings-text.ts'

const REGISTERED = ['registered']
const TEMPLATES = ['repocreds']

function rightTo(action: string, object = '*'): Right {
  return { resource: 'repositories', action, objects: [object] }
}

function objectOf({ repo = '', project = '' }: Repository): string {
  return project === '' ? repo : `${project}/${repo}`
}

export function RepositoriesPage() {
  const text = useSettingsText()
  const client = useQueryClient()
  const repositories = useQuery({ queryKey: REGISTERED, queryFn: ({ signal }) => listRegistered(signal) })
  const templates = useQuery({ queryKey: TEMPLATES, queryFn: ({ signal }) => listCredentials(signal) })
  const [task, setTask] = useState<RepositoryTask>()
  function reread(): void {
    void client.invalidateQueries({ queryKey: REGISTERED })
    void client.invalidateQueries({ queryKey: TEMPLATES })
    void client.invalidateQueries({ queryKey: ['repositories'] })
  }
  return (
    <>
      <PageHead title={text('repo.title')} lead={text('repo.lead')}>
        <ActionButton icon={Plus} look="primary" right={rightTo('create')} onPress={() => setTask({ does: 'create' })}>
          {text('repo.connect')}
        </ActionButton>
      </PageHead>
      <Loaded query={repositories}>
        {(rows) => <RepositoryTable rows={rows} onEdit={setTask} onChanged={reread} />}
      </Loaded>
      <div className="section-head">
        <h2>{text('repo.creds')}</h2>
        <ActionButton icon={Plus} right={rightTo('create')} onPress={() => setTask({ does: 'create-template' })}>
          {text('repo.credsAdd')}
        </ActionButton>
      </div>
      <p className="lead">{text('repo.credsLead')}</p>
      <Loaded query={templates} lines={2}>
        {(rows) => <TemplateTable rows={rows} onEdit={setTask} onChanged={reread} />}
      </Loaded>
      {task !== undefined && <RepositoryDialog task={task} onDone={reread} onClose={() => setTask(undefined)} />}
    </>
  )
}

interface TableProps<T> {
  readonly rows: readonly T[]
  readonly onEdit: (task: RepositoryTask) => void
  readonly onChanged: () => void
}

function RepositoryTable({ rows, onEdit, onChanged }: TableProps<Repository>) {
  const text = useSettingsText()
  const [leaving, setLeaving] = useState<Repository>()
  if (rows.length === 0) {
    return (
      <Empty icon={FolderGit2} title={text('repo.empty')}>
        <p>{text('repo.emptyHint')}</p>
      </Empty>
    )
  }
  return (
    <>
      <DataTable
        label={text('repo.title')}
        rows={rows}
        keyOf={objectOf}
        wordsOf={({ repo, name, project, type }) => [repo, name, project, type].join(' ')}
        columns={[
          {
            id: 'url',
            title: text('repo.url'),
            cell: ({ repo, name = '' }) => (
              <>
                {name !== '' && <strong>{name}</strong>}
                <span className={name === '' ? 'break' : 'break muted cell-note'}>{repo}</span>
              </>
            ),
          },
          {
            id: 'kind',
            title: text('repo.kind'),
            cell: (one) => (
              <>
                {text(`repo.kind.${kindOf(one)}`)}
                {one.inheritedCreds === true && <span className="tag">{text('repo.inherited')}</span>}
              </>
            ),
          },
          {
            id: 'project',
            title: text('repo.project'),
            cell: ({ project = '' }) => project || <span className="muted">{text('repo.allProjects')}</span>,
          },
          { id: 'state', title: text('repo.state'), cell: (one) => <Connection state={one.connectionState} /> },
          {
            id: 'actions',
            title: text('app.actions'),
            isActions: true,
            cell: (one) => (
              <>
                <TestButton repository={one} />
                <ActionButton
                  icon={Pencil}
                  look="plain"
                  isIcon
                  right={rightTo('update', objectOf(one))}
                  onPress={() => onEdit({ does: 'update', form: formOfRepository(one) })}
                >
                  {text('repo.edit', { name: one.name || (one.repo ?? '') })}
                </ActionButton>
                <ActionButton
                  icon={Trash2}
                  look="plain"
                  isIcon
                  right={rightTo('delete', objectOf(one))}
                  onPress={() => setLeaving(one)}
                >
                  {text('repo.removeTitle', { name: one.name || (one.repo ?? '') })}
                </ActionButton>
              </>
            ),
          },
        ]}
      />
      {leaving !== undefined && (
        <ConfirmDialog
          title={text('repo.removeTitle', { name: leaving.name || (leaving.repo ?? '') })}
          submit={text('repo.remove')}
          act={() => deleteRepository(leaving)}
          onDone={onChanged}
          onClose={() => setLeaving(undefined)}
        >
          <p>{text('repo.removeText')}</p>
        </ConfirmDialog>
      )}
    </>
  )
}

function TestButton({ repository }: { readonly repository: Repository }) {
  const text = useSettingsText()
  const client = useQueryClient()
  const test = useMutation({
    mutationFn: () => testRepository(repository),
    onSuccess: (tested) =>
      client.setQueryData<readonly Repository[]>(REGISTERED, (all) =>
        all?.map((one) => (objectOf(one) === objectOf(repository) ? tested : one)),
      ),
  })
  return (
    <>
      <ActionButton icon={PlugZap} look="plain" isIcon isBusy={test.isPending} onPress={() => test.mutate()}>
        {text('repo.test')}
      </ActionButton>
      <Failure error={test.error} />
    </>
  )
}

function TemplateTable({ rows, onEdit, onChanged }: TableProps<RepositoryCredentials>) {
  const text = useSettingsText()
  const [leaving, setLeaving] = useState<RepositoryCredentials>()
  if (rows.length === 0) return <Empty icon={KeyRound} title={text('repo.credsEmpty')} />
  return (
    <>
      <DataTable
        label={text('repo.creds')}
        rows={rows}
        keyOf={({ url = '' }) => url}
        wordsOf={({ url, username }) => [url, username].join(' ')}
        columns={[
          { id: 'url', title: text('repo.prefix'), cell: ({ url }) => <span className="break">{url}</span> },
          { id: 'kind', title: text('repo.kind'), cell: (one) => text(`repo.kind.${formOfCredentials(one).kind}`) },
          { id: 'user', title: text('repo.username'), cell: ({ username }) => username },
          {
            id: 'actions',
            title: text('app.actions'),
            isActions: true,
            cell: (one) => (
              <>
                <ActionButton
                  icon={Pencil}
                  look="plain"
                  isIcon
                  right={rightTo('update', one.url)}
                  onPress={() => onEdit({ does: 'update-template', form: formOfCredentials(one) })}
                >
                  {text('repo.edit', { name: one.url ?? '' })}
                </ActionButton>
                <ActionButton
                  icon={Trash2}
                  look="plain"
                  isIcon
                  right={rightTo('delete', one.url)}
                  onPress={() => setLeaving(one)}
                >
                  {text('repo.removeTitle', { name: one.url ?? '' })}
                </ActionButton>
              </>
            ),
          },
        ]}
      />
      {leaving !== undefined && (
        <ConfirmDialog
          title={text('repo.removeTitle', { name: leaving.url ?? '' })}
          submit={text('repo.remove')}
          act={() => deleteCredentials(leaving)}
          onDone={onChanged}
          onClose={() => setLeaving(undefined)}
        >
          <p>{text('repo.removeText')}</p>
        </ConfirmDialog>
      )}
    </>
  )
}
