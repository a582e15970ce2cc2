// Settings: the clusters applications go to, what is known of them, and what can be changed.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound, Pencil, RotateCw, Server, Trash2 } from 'lucide-react'
import { useState } from 'react'
import {
  deleteCluster,
  invalidateCluster,
  listRegisteredClusters,
  rotateCluster,
  updateCluster,
  type Cluster,
} from '../../api/clusters.ts'
import { labelsOf } from '../../form/new-application.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { Connection } from '../../parts/connection.tsx'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Failure } from '../../parts/notice.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { TimeAgo } from '../../parts/time-ago.tsx'
import type { Right } from '../../parts/use-can.ts'
import { useSettingsText } from './use-settings-text.ts'

const CLUSTERS = ['registered-clusters']
const IN_CLUSTER = 'https://kubernetes.default.svc'

function rightTo(action: string, { server = '', project = '' }: Cluster): Right {
  return { resource: 'clusters', action, objects: [project === '' ? server : `${project}/${server}`] }
}

type Task = { readonly does: 'edit' | 'rotate' | 'remove'; readonly cluster: Cluster }

export function ClustersPage() {
  const text = useSettingsText()
  const client = useQueryClient()
  const clusters = useQuery({ queryKey: CLUSTERS, queryFn: ({ signal }) => listRegisteredClusters(signal) })
  const [task, setTask] = useState<Task>()
  function reread(): void {
    void client.invalidateQueries({ queryKey: CLUSTERS })
    void client.invalidateQueries({ queryKey: ['clusters'] })
  }
  const close = (): void => setTask(undefined)
  return (
    <>
      <PageHead title={text('cluster.title')} lead={text('cluster.lead')} />
      <Loaded query={clusters}>{(rows) => <ClusterTable rows={rows} onTask={setTask} onChanged={reread} />}</Loaded>
      <p className="lead">
        {text('cluster.addHint')} <code>capstan cluster add CONTEXT</code>
      </p>
      {task?.does === 'edit' && <ClusterDialog cluster={task.cluster} onDone={reread} onClose={close} />}
      {task?.does === 'rotate' && (
        <ConfirmDialog
          title={text('cluster.rotateTitle', { name: nameOf(task.cluster) })}
          submit={text('cluster.rotate')}
          isDanger={false}
          act={() => rotateCluster(task.cluster.server ?? '')}
          onDone={reread}
          onClose={close}
        >
          <p>{text('cluster.rotateText')}</p>
        </ConfirmDialog>
      )}
      {task?.does === 'remove' && (
        <ConfirmDialog
          title={text('cluster.removeTitle', { name: nameOf(task.cluster) })}
          submit={text('app.remove')}
          typedName={nameOf(task.cluster)}
          act={() => deleteCluster(task.cluster.server ?? '')}
          onDone={reread}
          onClose={close}
        >
          <p>{text('cluster.removeText')}</p>
        </ConfirmDialog>
      )}
    </>
  )
}

function nameOf({ name = '', server = '' }: Cluster): string {
  return name || server
}

interface TableProps {
  readonly rows: readonly Cluster[]
  readonly onTask: (task: Task) => void
  readonly onChanged: () => void
}

function ClusterTable({ rows, onTask, onChanged }: TableProps) {
  const text = useSettingsText()
  const columns: readonly Column<Cluster>[] = [
    {
      id: 'name',
      title: text('cluster.name'),
      cell: (one) => (
        <>
          <strong>{nameOf(one)}</strong>
          <span className="muted cell-note break">{one.server}</span>
          <Labels labels={one.labels ?? {}} />
        </>
      ),
    },
    {
      id: 'state',
      title: text('cluster.state'),
      cell: ({ info, connectionState }) => <Connection state={info?.connectionState ?? connectionState} />,
    },
    {
      id: 'version',
      title: text('cluster.version'),
      cell: ({ info, serverVersion }) => info?.serverVersion ?? serverVersion ?? '–',
    },
    {
      id: 'applications',
      title: text('cluster.applications'),
      cell: ({ info }) => String(info?.applicationsCount ?? 0),
    },
    {
      id: 'cache',
      title: text('cluster.cache'),
      cell: ({ info }) => <Cache cluster={info} />,
    },
    {
      id: 'namespaces',
      title: text('cluster.namespaces'),
      cell: ({ namespaces = [] }) =>
        namespaces.length === 0 ? (
          <span className="muted">{text('cluster.allNamespaces')}</span>
        ) : (
          namespaces.join(', ')
        ),
    },
    {
      id: 'actions',
      title: text('app.actions'),
      isActions: true,
      cell: (one) => <ClusterActions cluster={one} onTask={onTask} onChanged={onChanged} />,
    },
  ]
  if (rows.length === 0) return <Empty icon={Server} title={text('cluster.empty')} />
  return (
    <DataTable
      label={text('cluster.title')}
      columns={columns}
      rows={rows}
      keyOf={({ server = '', name = '' }) => `${server} ${name}`}
      wordsOf={({ server, name, labels = {} }) => [server, name, ...Object.values(labels)].join(' ')}
    />
  )
}

function Labels({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  const shown = Object.entries(labels).filter(([name]) => name !== 'argocd.argoproj.io/secret-type')
  if (shown.length === 0) return null
  return (
    <span className="tags">
      {shown.map(([name, value]) => (
        <span key={name} className="tag break">
          {name}={value}
        </span>
      ))}
    </span>
  )
}

function Cache({ cluster }: { readonly cluster: Cluster['info'] }) {
  const text = useSettingsText()
  const { resourcesCount = 0, apisCount = 0, lastCacheSyncTime } = cluster?.cacheInfo ?? {}
  if (Number(apisCount) === 0) return <span className="muted">{text('cluster.noCache')}</span>
  return (
    <>
      {text('cluster.counts', { resources: Number(resourcesCount), apis: Number(apisCount) })}
      {lastCacheSyncTime !== undefined && (
        <span className="muted cell-note">
          <TimeAgo time={lastCacheSyncTime} />
        </span>
      )}
    </>
  )
}

interface ActionsProps {
  readonly cluster: Cluster
  readonly onTask: (task: Task) => void
  readonly onChanged: () => void
}

function ClusterActions({ cluster, onTask, onChanged }: ActionsProps) {
  const text = useSettingsText()
  const invalidate = useMutation({ mutationFn: () => invalidateCluster(cluster.server ?? ''), onSuccess: onChanged })
  const name = nameOf(cluster)
  const isOwn = cluster.server === IN_CLUSTER
  return (
    <>
      <ActionButton
        icon={Pencil}
        look="plain"
        isIcon
        right={rightTo('update', cluster)}
        onPress={() => onTask({ does: 'edit', cluster })}
      >
        {text('cluster.edit', { name })}
      </ActionButton>
      <ActionButton
        icon={RotateCw}
        look="plain"
        isIcon
        isBusy={invalidate.isPending}
        right={rightTo('update', cluster)}
        onPress={() => invalidate.mutate()}
      >
        {text('cluster.invalidate')}
      </ActionButton>
      <ActionButton
        icon={KeyRound}
        look="plain"
        isIcon
        right={rightTo('update', cluster)}
        obstacle={isOwn ? text('cluster.ownRotate') : undefined}
        onPress={() => onTask({ does: 'rotate', cluster })}
      >
        {text('cluster.rotateTitle', { name })}
      </ActionButton>
      <ActionButton
        icon={Trash2}
        look="plain"
        isIcon
        right={rightTo('delete', cluster)}
        obstacle={isOwn ? text('cluster.ownRemove') : undefined}
        onPress={() => onTask({ does: 'remove', cluster })}
      >
        {text('cluster.removeTitle', { name })}
      </ActionButton>
      <Failure error={invalidate.error} />
    </>
  )
}

interface ClusterDialogProps {
  readonly cluster: Cluster
  readonly onDone: () => void
  readonly onClose: () => void
}

function ClusterDialog({ cluster, onDone, onClose }: ClusterDialogProps) {
  const text = useSettingsText()
  const [name, setName] = useState(cluster.name ?? '')
  const [namespaces, setNamespaces] = useState((cluster.namespaces ?? []).join(', '))
  const [labels, setLabels] = useState(
    Object.entries(cluster.labels ?? {})
      .map(([label, value]) => `${label}=${value}`)
      .join(', '),
  )
  const read = labelsOf(labels)
  const save = useMutation({
    mutationFn: () =>
      updateCluster({
        server: cluster.server ?? '',
        name: name.trim(),
        namespaces: namespaces.split(/[\s,]+/).filter(Boolean),
        labels: read ?? {},
      }),
    onSuccess: () => {
      onDone()
      onClose()
    },
  })
  return (
    <FormDialog
      title={text('cluster.edit', { name: nameOf(cluster) })}
      submit={text('app.save')}
      isBusy={save.isPending}
      error={save.error}
      onClose={onClose}
      onSubmit={() => {
        if (read !== undefined && name.trim() !== '') save.mutate()
      }}
    >
      <TextField label={text('cluster.server')} value={cluster.server ?? ''} onValue={() => undefined} readOnly />
      <TextField
        label={text('cluster.name')}
        value={name}
        onValue={setName}
        fault={name.trim() === '' ? text('app.required') : undefined}
      />
      <TextField
        label={text('cluster.namespaces')}
        hint={text('cluster.namespacesHint')}
        value={namespaces}
        onValue={setNamespaces}
      />
      <TextField
        label={text('form.labels')}
        hint={text('cluster.labelsHint')}
        value={labels}
        onValue={setLabels}
        fault={read === undefined ? text('form.labelsFault') : undefined}
      />
    </FormDialog>
  )
}
