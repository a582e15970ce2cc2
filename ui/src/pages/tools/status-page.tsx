// How the installation itself is doing: process, applications, connections, figures.
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { readVersion } from '../../api/calls.ts'
import { listRegisteredClusters } from '../../api/clusters.ts'
import { listRegistered } from '../../api/repositories.ts'
import { readStatus, type CapstanStatus } from '../../api/status.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { usePreferences } from '../../parts/preferences-context.tsx'
import { TimeAgo } from '../../parts/time-ago.tsx'
import { readFigures } from '../../status/figures.ts'
import { useToolsText } from './use-tools-text.ts'

const LOOK_AGAIN_MS = 5000
const MIB = 1024 * 1024

export function StatusPage() {
  const text = useToolsText()
  const status = useQuery({
    queryKey: ['status'],
    queryFn: ({ signal }) => readStatus(signal),
    refetchInterval: LOOK_AGAIN_MS,
  })
  return (
    <>
      <PageHead title={text('status.title')} lead={text('status.lead')} />
      <Loaded query={status} lines={6}>
        {(data) => (
          <>
            <Cards status={data} />
            <Figures text={data.figures} />
          </>
        )}
      </Loaded>
    </>
  )
}

function Cards({ status }: { readonly status: CapstanStatus }) {
  const text = useToolsText()
  const version = useQuery({ queryKey: ['version'], queryFn: ({ signal }) => readVersion(signal) })
  const { KustomizeVersion, HelmVersion, JsonnetVersion } = version.data ?? {}
  const tools = [
    ['Helm', HelmVersion],
    ['Kustomize', KustomizeVersion],
    ['Jsonnet', JsonnetVersion],
  ].filter(([, one]) => one !== undefined && one !== '')
  const mebibytes = (bytes: number): number => Math.round(bytes / MIB)
  return (
    <div className="status-cards">
      <Card title={text('status.process')}>
        <dt>{text('status.version')}</dt>
        <dd>{status.version}</dd>
        <dt>{text('status.runtime')}</dt>
        <dd>{status.runtime}</dd>
        {tools.length > 0 && <dt>{text('status.tools')}</dt>}
        {tools.length > 0 && <dd>{tools.map((tool) => tool.join(' ')).join(', ')}</dd>}
        <dt>{text('status.uptime')}</dt>
        <dd>
          <TimeAgo time={status.startedAt} />
        </dd>
        <dt>{text('status.memory')}</dt>
        <dd>
          {text('status.memoryValue', {
            resident: mebibytes(status.residentBytes),
            heap: mebibytes(status.heapBytes),
          })}
        </dd>
        <dt>{text('status.cpu')}</dt>
        <dd>{text('status.seconds', { seconds: Math.round(status.cpuSeconds) })}</dd>
      </Card>
      <Card title={text('status.applications')}>
        <dt>{text('status.total')}</dt>
        <dd>{status.applications.total}</dd>
        <dt>{text('status.running')}</dt>
        <dd>{status.applications.running}</dd>
      </Card>
      <Connections />
    </div>
  )
}

function Card({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="card">
      <h2>{title}</h2>
      <dl className="facts-grid">{children}</dl>
    </section>
  )
}

function Connections() {
  const text = useToolsText()
  const clusters = useQuery({
    queryKey: ['registered-clusters'],
    queryFn: ({ signal }) => listRegisteredClusters(signal),
  })
  const repositories = useQuery({ queryKey: ['registered'], queryFn: ({ signal }) => listRegistered(signal) })
  const rows = [
    ['status.clusters', clusters.data?.map(({ info, connectionState }) => info?.connectionState ?? connectionState)],
    ['status.repositories', repositories.data?.map(({ connectionState }) => connectionState)],
  ] as const
  return rows.map(([key, states]) => (
    <Card key={key} title={text(key)}>
      <dt>{text('status.total')}</dt>
      <dd>
        {states === undefined
          ? '…'
          : text('status.reachable', {
              // What nobody has needed yet has not been tried.
              good: states.filter((state) => state?.status !== 'Failed').length,
              all: states.length,
            })}
      </dd>
      {(states ?? [])
        .filter((state) => state?.status === 'Failed')
        .map((state) => (
          <dd key={state?.message} className="wide tone-bad">
            {state?.message}
          </dd>
        ))}
    </Card>
  ))
}

function Figures({ text: figures }: { readonly text: string | undefined }) {
  const text = useToolsText()
  const { language } = usePreferences()
  if (figures === undefined) return <p className="lead">{text('status.noFigures')}</p>
  const format = new Intl.NumberFormat(language, { maximumFractionDigits: 3 })
  return (
    <>
      <div className="section-head">
        <h2>{text('status.figures')}</h2>
      </div>
      <DataTable
        label={text('status.figures')}
        rows={readFigures(figures)}
        keyOf={({ name }) => name}
        wordsOf={({ name, help }) => `${name} ${help}`}
        columns={[
          {
            id: 'name',
            title: text('status.figure'),
            cell: ({ name, help }) => (
              <>
                <span className="break">{help}</span>
                <code className="muted break">{name}</code>
              </>
            ),
          },
          {
            id: 'value',
            title: text('status.value'),
            cell: ({ value, average }) =>
              average === undefined ? format.format(value) : `${format.format(value)} × ⌀ ${format.format(average)}`,
          },
        ]}
      />
    </>
  )
}
