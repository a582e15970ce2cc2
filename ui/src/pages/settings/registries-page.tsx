// Settings: registry credentials, and where they are in use (000-02).
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Container, Pencil, PlugZap, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { deleteRegistry, listRegistries, testRegistry, type Registry } from '../../api/registries.ts'
import { formOfRegistry } from '../../form/registry.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { Connection } from '../../parts/connection.tsx'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Failure, Notice } from '../../parts/notice.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { TimeAgo } from '../../parts/time-ago.tsx'
import type { Right } from '../../parts/use-can.ts'
import { RegistryDialog } from './registry-dialog.tsx'
import { RegistryPlaces } from './registry-places.tsx'
import { useSettingsText } from './use-settings-text.ts'

const REGISTRIES = ['registries']

function rightTo(action: string, registry?: Registry): Right {
  const { address = '*', project = '' } = registry ?? {}
  return { resource: 'repositories', action, objects: [project === '' ? address : `${project}/${address}`] }
}

export function RegistriesPage() {
  const text = useSettingsText()
  const client = useQueryClient()
  const registries = useQuery({ queryKey: REGISTRIES, queryFn: ({ signal }) => listRegistries(signal) })
  const [isAdding, setAdding] = useState(false)
  const reread = (): void => void client.invalidateQueries({ queryKey: REGISTRIES })
  return (
    <>
      <PageHead title={text('registry.title')} lead={text('registry.lead')}>
        <ActionButton icon={Plus} look="primary" right={rightTo('create')} onPress={() => setAdding(true)}>
          {text('registry.add')}
        </ActionButton>
      </PageHead>
      <Loaded query={registries}>
        {({ items, problems }) => (
          <>
            {problems.map(({ id, message }) => (
              <Notice key={id} tone="bad">
                <p>
                  <strong>{text('registry.problems')}</strong> <code>{id}</code>
                </p>
                <p>{message}</p>
              </Notice>
            ))}
            <RegistryTable rows={items} onChanged={reread} />
          </>
        )}
      </Loaded>
      {isAdding && <RegistryDialog stored={undefined} onDone={reread} onClose={() => setAdding(false)} />}
    </>
  )
}

type Task = { readonly does: 'edit' | 'remove' | 'places'; readonly registry: Registry }

interface TableProps {
  readonly rows: readonly Registry[]
  readonly onChanged: () => void
}

function RegistryTable({ rows, onChanged }: TableProps) {
  const text = useSettingsText()
  const [task, setTask] = useState<Task>()
  const close = (): void => setTask(undefined)
  const columns: readonly Column<Registry>[] = [
    {
      id: 'address',
      title: text('registry.address'),
      cell: ({ address, name = '', project = '' }) => (
        <>
          <strong className="break">{address}</strong>
          {name !== '' && name !== address && <span className="muted cell-note">{name}</span>}
          {project !== '' && <span className="tag">{project}</span>}
        </>
      ),
    },
    {
      id: 'kind',
      title: text('registry.login'),
      cell: ({ kind = 'static', username = '' }) => (
        <>
          {kind === 'static' ? username : text(`registry.kind.${kind}`)}
          {kind !== 'static' && username !== '' && <span className="muted cell-note">{username}</span>}
        </>
      ),
    },
    { id: 'state', title: text('registry.state'), cell: (one) => <State registry={one} /> },
    {
      id: 'used',
      title: text('registry.used'),
      cell: (one) => <Used registry={one} onOpen={() => setTask({ does: 'places', registry: one })} />,
    },
    { id: 'fresh', title: text('registry.fresh'), cell: (one) => <Fresh registry={one} /> },
    {
      id: 'actions',
      title: text('app.actions'),
      isActions: true,
      cell: (one) => <Actions registry={one} onTask={setTask} />,
    },
  ]
  if (rows.length === 0) {
    return (
      <Empty icon={Container} title={text('registry.empty')}>
        <p>{text('registry.emptyHint')}</p>
      </Empty>
    )
  }
  return (
    <>
      <DataTable
        label={text('registry.title')}
        columns={columns}
        rows={rows}
        keyOf={({ id }) => id}
        wordsOf={({ address, name, project, username }) => [address, name, project, username].join(' ')}
      />
      {task?.does === 'edit' && (
        <RegistryDialog stored={formOfRegistry(task.registry)} onDone={onChanged} onClose={close} />
      )}
      {task?.does === 'places' && <RegistryPlaces registry={task.registry} onClose={close} />}
      {task?.does === 'remove' && (
        <ConfirmDialog
          title={text('registry.removeTitle', { name: task.registry.address })}
          submit={text('app.remove')}
          act={() => deleteRegistry(task.registry.id)}
          onDone={onChanged}
          onClose={close}
        >
          <p>{text('registry.removeText')}</p>
        </ConfirmDialog>
      )}
    </>
  )
}

const TONES = { Unused: 'quiet', Active: 'good', Failed: 'bad', Expired: 'bad' } as const

function State({ registry: { usage, disabled, connectionState } }: { readonly registry: Registry }) {
  const text = useSettingsText()
  const state = usage?.state ?? 'Unused'
  return (
    <>
      {disabled === true ? (
        <span className="badge tone-quiet">{text('registry.off')}</span>
      ) : (
        <span className={`badge tone-${TONES[state]}`}>{text(`registry.state.${state}`)}</span>
      )}
      {connectionState !== undefined && <Connection state={connectionState} />}
      {(usage?.errors ?? []).map((error) => (
        <p key={error} className="cell-note break">
          {error}
        </p>
      ))}
    </>
  )
}

function Used({ registry, onOpen }: { readonly registry: Registry; readonly onOpen: () => void }) {
  const text = useSettingsText()
  const { applicationCount = 0, namespaceCount = 0 } = registry.usage ?? {}
  if (namespaceCount === 0) return <span className="muted">{text('registry.unused')}</span>
  return (
    <button type="button" className="link-button" onClick={onOpen}>
      {text('registry.usedBy', { applications: applicationCount, namespaces: namespaceCount })}
    </button>
  )
}

function Fresh({ registry: { usage } }: { readonly registry: Registry }) {
  const text = useSettingsText()
  const times = [
    ['registry.issued', usage?.issuedAt],
    ['registry.expires', usage?.expiresAt],
  ] as const
  const known = times.filter(([, time]) => time !== undefined && time !== '')
  if (usage?.expiresAt === undefined || usage.expiresAt === '') {
    return <span className="muted">{text('registry.lasting')}</span>
  }
  return known.map(([key, time = '']) => (
    <span key={key} className="cell-note">
      <span className="muted">{text(key)}</span> <TimeAgo time={time} />
    </span>
  ))
}

function Actions({ registry, onTask }: { readonly registry: Registry; readonly onTask: (task: Task) => void }) {
  const text = useSettingsText()
  const client = useQueryClient()
  const name = registry.address
  const test = useMutation({
    mutationFn: () => testRegistry(registry.id),
    onSuccess: (tested) =>
      client.setQueryData<Awaited<ReturnType<typeof listRegistries>>>(REGISTRIES, (list) =>
        list === undefined
          ? undefined
          : { ...list, items: list.items.map((one) => (one.id === registry.id ? { ...one, ...tested } : one)) },
      ),
  })
  return (
    <>
      <ActionButton
        icon={PlugZap}
        look="plain"
        isIcon
        isBusy={test.isPending}
        right={rightTo('get', registry)}
        onPress={() => test.mutate()}
      >
        {text('registry.test', { name })}
      </ActionButton>
      <ActionButton
        icon={Pencil}
        look="plain"
        isIcon
        right={rightTo('update', registry)}
        onPress={() => onTask({ does: 'edit', registry })}
      >
        {text('registry.edit', { name })}
      </ActionButton>
      <ActionButton
        icon={Trash2}
        look="plain"
        isIcon
        right={rightTo('delete', registry)}
        onPress={() => onTask({ does: 'remove', registry })}
      >
        {text('registry.removeTitle', { name })}
      </ActionButton>
      <Failure error={test.error} />
    </>
  )
}
