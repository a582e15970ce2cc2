// Settings: one project, everything of it editable, saved together.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import type { AppProject } from '../../../../src/crds/app-project.ts'
import { deleteProject, readProject, updateProject } from '../../api/projects.ts'
import { isSame } from '../../manifest/json.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Failure, Notice } from '../../parts/notice.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { PROJECT_TABS, type ProjectTab } from '../../search.ts'
import type { ProjectPartProps } from './project-part.ts'
import { ProjectYaml } from './project-yaml.tsx'
import { RolesTab } from './project-roles.tsx'
import { ResourcesTab, RulesTab, SourcesTab, withoutBlanks } from './project-lists.tsx'
import { SummaryTab } from './project-summary.tsx'
import { WindowsTab } from './project-windows.tsx'
import { useSettingsText } from './use-settings-text.ts'

const route = getRouteApi('/inside/settings/projects/$name')

export function ProjectPage() {
  const text = useSettingsText()
  const { name } = route.useParams()
  const query = useQuery({ queryKey: ['project', name], queryFn: ({ signal }) => readProject(name, signal) })
  const navigate = useNavigate()
  const client = useQueryClient()
  const [isLeaving, setLeaving] = useState(false)
  return (
    <>
      <PageHead
        title={name}
        crumbs={
          <>
            <Link to="/settings/projects">{text('project.back')}</Link>
            <span aria-hidden>/</span>
          </>
        }
      >
        <ActionButton
          icon={Trash2}
          look="danger"
          right={{ resource: 'projects', action: 'delete', objects: [name] }}
          obstacle={name === 'default' ? text('project.isDefault') : undefined}
          onPress={() => setLeaving(true)}
        >
          {text('project.delete')}
        </ActionButton>
      </PageHead>
      <Loaded query={query} lines={8}>
        {(project) => <ProjectBody key={name} stored={project} />}
      </Loaded>
      {isLeaving && (
        <ConfirmDialog
          title={text('project.deleteTitle', { name })}
          submit={text('project.delete')}
          typedName={name}
          act={() => deleteProject(name)}
          onDone={() => {
            client.removeQueries({ queryKey: ['project', name] })
            void client.invalidateQueries({ queryKey: ['projects'] })
            void navigate({ to: '/settings/projects' })
          }}
          onClose={() => setLeaving(false)}
        >
          <p>{text('project.deleteText')}</p>
        </ConfirmDialog>
      )}
    </>
  )
}

function ProjectBody({ stored }: { readonly stored: AppProject }) {
  const text = useSettingsText()
  const client = useQueryClient()
  const navigate = route.useNavigate()
  const { tab = 'summary' } = route.useSearch()
  const [edited, setEdited] = useState<AppProject>()
  const project = edited ?? stored
  const isChanged = edited !== undefined && !isSame(edited, stored)
  const { name = '' } = stored.metadata
  const save = useMutation({
    mutationFn: () => updateProject({ ...project, spec: withoutBlanks(project.spec) }),
    onSuccess: (saved) => {
      client.setQueryData(['project', name], saved)
      void client.invalidateQueries({ queryKey: ['projects'] })
      setEdited(undefined)
    },
  })
  const part: ProjectPartProps = {
    project,
    isChanged,
    change: (next) => {
      save.reset()
      setEdited(next)
    },
    reread: () => void client.invalidateQueries({ queryKey: ['project', name] }),
  }
  return (
    <>
      <Tabs<ProjectTab>
        label={text('project.tabs')}
        tabs={PROJECT_TABS.map((one) => [one, text(`project.tab.${one}`)])}
        chosen={tab}
        onChoose={(next) => void navigate({ search: { tab: next }, replace: true, resetScroll: false })}
      >
        {partOf(tab, part)}
      </Tabs>
      {save.isSuccess && !isChanged && <Notice tone="good">{text('project.saved')}</Notice>}
      {isChanged && (
        <div className="save-bar">
          <Failure error={save.error} />
          <span>{text('project.unsaved')}</span>
          <div className="actions push">
            <ActionButton
              look="primary"
              right={{ resource: 'projects', action: 'update', objects: [name] }}
              isBusy={save.isPending}
              onPress={() => save.mutate()}
            >
              {text('app.save')}
            </ActionButton>
            <button type="button" className="button" onClick={() => setEdited(undefined)}>
              {text('project.discard')}
            </button>
          </div>
        </div>
      )}
    </>
  )
}

function partOf(tab: ProjectTab, part: ProjectPartProps): ReactNode {
  switch (tab) {
    case 'summary':
      return <SummaryTab {...part} />
    case 'sources':
      return <SourcesTab {...part} />
    case 'resources':
      return <ResourcesTab {...part} />
    case 'roles':
      return <RolesTab {...part} />
    case 'windows':
      return <WindowsTab {...part} />
    case 'rules':
      return <RulesTab {...part} />
    case 'yaml':
      return <ProjectYaml {...part} />
  }
}
