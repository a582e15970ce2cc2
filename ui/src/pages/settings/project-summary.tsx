// The summary of a project: description, who uses it, which global projects hold too.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AppProjectSpec } from '../../../../src/crds/app-project.ts'
import type { ObjectMeta } from '../../../../src/kube/object.ts'
import { listGlobalProjects } from '../../api/projects.ts'
import { withFields } from '../../form/project.ts'
import { useApplications } from '../../live/use-stream.ts'
import { TextField } from '../../parts/fields.tsx'
import type { ProjectPartProps } from './project-part.ts'
import { useSettingsText } from './use-settings-text.ts'

export function SummaryTab({ project, change }: ProjectPartProps) {
  const text = useSettingsText()
  const { name = '' } = project.metadata
  const { spec } = project
  const globals = useQuery({ queryKey: ['globals', name], queryFn: ({ signal }) => listGlobalProjects(name, signal) })
  const { query } = useApplications()
  const users = (query.data?.items ?? []).filter((one) => (one.spec.project || 'default') === name)
  return (
    <>
      <Figures spec={spec} applications={users.length} />
      <TextField
        label={text('project.description')}
        value={spec.description ?? ''}
        maxLength={255}
        onValue={(description) =>
          change({ ...project, spec: withFields(spec, { description: description === '' ? undefined : description }) })
        }
      />
      <h2>{text('project.applications')}</h2>
      <ul className="links">
        {users.map(({ metadata }) => (
          <li key={`${metadata.namespace}/${metadata.name}`}>
            <Link to="/applications/$namespace/$name" params={paramsOf(metadata)}>
              {metadata.name}
            </Link>
          </li>
        ))}
        {users.length === 0 && <li className="muted">{text('project.none')}</li>}
      </ul>
      <h2>{text('project.globals')}</h2>
      <ul className="links">
        {(globals.data ?? []).map(({ metadata }) => (
          <li key={metadata.name}>
            <Link to="/settings/projects/$name" params={{ name: metadata.name ?? '' }}>
              {metadata.name}
            </Link>
          </li>
        ))}
        {globals.data?.length === 0 && <li className="muted">{text('project.none')}</li>}
      </ul>
    </>
  )
}

function Figures({ spec, applications }: { readonly spec: AppProjectSpec; readonly applications: number }) {
  const text = useSettingsText()
  const lengthOf = (list: readonly unknown[] = []): number => list.length
  const counts = [
    ['project.applications', applications],
    ['project.sourcesCount', lengthOf(spec.sourceRepos)],
    ['project.destinationsCount', lengthOf(spec.destinations)],
    ['project.rolesCount', lengthOf(spec.roles)],
    ['project.windowsCount', lengthOf(spec.syncWindows)],
  ] as const
  return (
    <dl className="figures">
      {counts.map(([key, count]) => (
        <div key={key} className="figure">
          <dt>{text(key)}</dt>
          <dd>{count}</dd>
        </div>
      ))}
    </dl>
  )
}

function paramsOf({ namespace = '', name = '' }: ObjectMeta): { readonly namespace: string; readonly name: string } {
  return { namespace, name }
}
