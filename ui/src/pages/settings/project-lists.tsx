// The lists of a project: sources, destinations, kinds of resources, keys and orphans.
import { useQuery } from '@tanstack/react-query'
import type { AppProjectSpec } from '../../../../src/crds/app-project.ts'
import { listClusters, listRepositories } from '../../api/calls.ts'
import { listOf, rowsOf, textRows, textsOf, withFields, type Row } from '../../form/project.ts'
import { CheckField } from '../../parts/fields.tsx'
import type { ProjectPartProps } from './project-part.ts'
import { RowsEditor, type RowField } from './rows-editor.tsx'
import { useSettingsText } from './use-settings-text.ts'

type ListName = {
  [Name in keyof AppProjectSpec]-?: NonNullable<AppProjectSpec[Name]> extends readonly object[] ? Name : never
}[keyof AppProjectSpec]

type TextListName = 'sourceRepos' | 'sourceNamespaces'

interface ListProps extends ProjectPartProps {
  readonly title: string
  readonly hint?: string
  readonly fields: readonly RowField[]
}

/** A list of objects. Rows just added are kept while they are empty, so that there is something to fill. */
function ObjectList(props: ListProps & { readonly name: ListName; readonly required?: readonly string[] }) {
  const { project, change, name, title, hint = '', fields, required = [] } = props
  const names = fields.map((field) => field.name)
  return (
    <RowsEditor
      title={title}
      hint={hint}
      fields={fields}
      rows={rowsOf(project.spec[name], names)}
      onRows={(rows) => change({ ...project, spec: withFields(project.spec, { [name]: keptRows(rows, required) }) })}
    />
  )
}

/** Unlike `listOf`, leaves rows that are wholly empty: the server is sent them only if a person saves them so. */
function keptRows(rows: readonly Row[], required: readonly string[]): readonly object[] {
  return rows.map((row) => listOf<object>([row], required)[0] ?? Object.fromEntries(required.map((name) => [name, ''])))
}

function TextList(props: ListProps & { readonly name: TextListName }) {
  const { project, change, name, title, hint = '', fields } = props
  return (
    <RowsEditor
      title={title}
      hint={hint}
      fields={fields}
      rows={textRows(project.spec[name])}
      onRows={(rows) =>
        change({ ...project, spec: withFields(project.spec, { [name]: rows.map(({ value = '' }) => value) }) })
      }
    />
  )
}

export function SourcesTab(props: ProjectPartProps) {
  const text = useSettingsText()
  const { project, change } = props
  const repositories = useQuery({ queryKey: ['repositories'], queryFn: ({ signal }) => listRepositories(signal) })
  const clusters = useQuery({ queryKey: ['clusters'], queryFn: ({ signal }) => listClusters(signal) })
  const servers = (clusters.data ?? []).map(({ server = '' }) => server)
  const names = (clusters.data ?? []).map(({ name = '' }) => name)
  const isScoped = project.spec.permitOnlyProjectScopedClusters === true
  return (
    <>
      <TextList
        {...props}
        name="sourceRepos"
        title={text('project.sourceRepos')}
        hint={text('project.sourceReposHint')}
        fields={[{ name: 'value', label: text('project.url'), choices: ['*', ...(repositories.data ?? [])] }]}
      />
      <ObjectList
        {...props}
        name="destinations"
        title={text('project.destinations')}
        hint={text('project.destinationsHint')}
        fields={[
          { name: 'server', label: text('project.server'), choices: ['*', ...servers] },
          { name: 'name', label: text('project.cluster'), choices: names },
          { name: 'namespace', label: text('project.namespace') },
        ]}
      />
      <CheckField
        label={text('project.scopedClusters')}
        hint={text('project.scopedClustersHint')}
        isOn={isScoped}
        onChange={(isOn) =>
          change({
            ...project,
            spec: withFields(project.spec, { permitOnlyProjectScopedClusters: isOn ? true : undefined }),
          })
        }
      />
      <TextList
        {...props}
        name="sourceNamespaces"
        title={text('project.sourceNamespaces')}
        hint={text('project.sourceNamespacesHint')}
        fields={[{ name: 'value', label: text('project.namespace') }]}
      />
      <ObjectList
        {...props}
        name="destinationServiceAccounts"
        required={['server', 'defaultServiceAccount']}
        title={text('project.accounts')}
        hint={text('project.accountsHint')}
        fields={[
          { name: 'server', label: text('project.server'), choices: ['*', ...servers] },
          { name: 'namespace', label: text('project.namespace') },
          { name: 'defaultServiceAccount', label: text('project.account') },
        ]}
      />
    </>
  )
}

export function ResourcesTab(props: ProjectPartProps) {
  const text = useSettingsText()
  const { project, change } = props
  const kind = [
    { name: 'group', label: text('project.group') },
    { name: 'kind', label: text('project.kind') },
  ]
  const named = [...kind, { name: 'name', label: text('project.object') }]
  const required = ['group', 'kind']
  const isEverything = project.spec.namespaceResourceWhitelist === undefined
  return (
    <>
      <ObjectList
        {...props}
        name="clusterResourceWhitelist"
        required={required}
        title={text('project.clusterAllow')}
        hint={text('project.clusterAllowHint')}
        fields={named}
      />
      <ObjectList
        {...props}
        name="clusterResourceBlacklist"
        required={required}
        title={text('project.clusterDeny')}
        fields={named}
      />
      <CheckField
        label={text('project.namespaceEverything')}
        hint={text('project.namespaceAllow')}
        isOn={isEverything}
        onChange={(isOn) =>
          change({
            ...project,
            spec: withFields(project.spec, { namespaceResourceWhitelist: isOn ? undefined : [] }),
          })
        }
      />
      {!isEverything && (
        <ObjectList
          {...props}
          name="namespaceResourceWhitelist"
          required={required}
          title={text('project.namespaceAllow')}
          hint={text('project.namespaceAllowHint')}
          fields={kind}
        />
      )}
      <ObjectList
        {...props}
        name="namespaceResourceBlacklist"
        required={required}
        title={text('project.namespaceDeny')}
        fields={kind}
      />
    </>
  )
}

export function RulesTab(props: ProjectPartProps) {
  const text = useSettingsText()
  const { project, change } = props
  const orphaned = project.spec.orphanedResources
  function changeOrphaned(next: AppProjectSpec['orphanedResources'] | undefined): void {
    change({ ...project, spec: withFields(project.spec, { orphanedResources: next }) })
  }
  return (
    <>
      <ObjectList
        {...props}
        name="signatureKeys"
        required={['keyID']}
        title={text('project.signatureKeys')}
        hint={text('project.signatureKeysHint')}
        fields={[{ name: 'keyID', label: text('project.keyId') }]}
      />
      <CheckField
        label={text('project.orphaned')}
        hint={text('project.orphanedHint')}
        isOn={orphaned !== undefined}
        onChange={(isOn) => changeOrphaned(isOn ? { warn: true } : undefined)}
      />
      {orphaned !== undefined && (
        <>
          <CheckField
            label={text('project.orphanedWarn')}
            hint={text('project.orphanedWarnHint')}
            isOn={orphaned.warn === true}
            onChange={(warn) => changeOrphaned({ ...orphaned, warn })}
          />
          <RowsEditor
            title={text('project.orphanedIgnore')}
            hint=""
            fields={[
              { name: 'group', label: text('project.group') },
              { name: 'kind', label: text('project.kind') },
              { name: 'name', label: text('project.object') },
            ]}
            rows={rowsOf(orphaned.ignore, ['group', 'kind', 'name'])}
            onRows={(rows) => changeOrphaned({ ...orphaned, ignore: keptRows(rows, []) })}
          />
        </>
      )}
    </>
  )
}

/** What is sent: rows and texts that were left empty are no part of it. */
export function withoutBlanks(spec: AppProjectSpec): AppProjectSpec {
  const { sourceRepos, sourceNamespaces } = spec
  const lists = Object.fromEntries(
    Object.entries(spec).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.filter((item) => !isBlank(item)) : value,
    ]),
  )
  return {
    ...lists,
    ...(sourceRepos === undefined ? {} : { sourceRepos: textsOf(textRows(sourceRepos)) }),
    ...(sourceNamespaces === undefined ? {} : { sourceNamespaces: textsOf(textRows(sourceNamespaces)) }),
  }
}

function isBlank(item: unknown): boolean {
  return typeof item === 'object' && item !== null && Object.values(item).every((value) => value === '')
}
