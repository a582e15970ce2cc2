// One application: its state, what can be done, its resources.
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import type { ApplicationTree } from '../../../src/crds/tree.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { useApplication, useTree } from '../live/use-stream.ts'
import { ApplicationHead } from '../parts/application-head.tsx'
import { ApplicationState } from '../parts/application-state.tsx'
import { Conditions } from '../parts/conditions.tsx'
import { Failure, Notice } from '../parts/notice.tsx'
import { OperationResults } from '../parts/operation-results.tsx'
import { useText } from '../parts/preferences-context.tsx'
import { ResourcesView } from '../parts/resources-view.tsx'
import { ROOT_KEY } from '../tree/nodes.ts'

const ApplicationPanel = lazy(async () => ({
  default: (await import('../parts/application-panel.tsx')).ApplicationPanel,
}))
const ResourcePanel = lazy(async () => ({ default: (await import('../parts/resource-panel.tsx')).ResourcePanel }))
const NO_TREE: ApplicationTree = {}
const route = getRouteApi('/inside/applications/$namespace/$name')

export function ApplicationPage() {
  const text = useText()
  const { namespace, name } = route.useParams()
  const id = { namespace, name }
  const router = useRouter()
  const { query, state } = useApplication(id, () => void router.navigate({ to: '/applications' }))
  useEffect(() => {
    document.title = `${name} – ${text('app.title')}`
  }, [name, text])
  return (
    <>
      {state === 'lost' && <Notice tone="warn">{text('app.lost')}</Notice>}
      <Failure error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <p className="muted">{text('app.loading')}</p>}
      {query.data !== undefined && <ApplicationBody key={`${namespace}/${name}`} id={id} application={query.data} />}
    </>
  )
}

interface BodyProps {
  readonly id: ApplicationId
  readonly application: Application
}

function ApplicationBody({ id, application }: BodyProps) {
  const text = useText()
  const tree = useTree(id)
  const { resource, tab, container: _container, ...view } = route.useSearch()
  const navigate = route.useNavigate()
  function open(key: string | undefined): void {
    void navigate({ search: key === undefined ? view : { ...view, resource: key }, resetScroll: false })
  }
  function openTab(next: NonNullable<typeof tab>): void {
    void navigate({ search: (old) => ({ ...old, tab: next }), replace: true, resetScroll: false })
  }
  return (
    <>
      <ApplicationHead id={id} application={application} onDetails={() => open(ROOT_KEY)} />
      {application.metadata.deletionTimestamp !== undefined && <Notice tone="warn">{text('page.deleting')}</Notice>}
      <ApplicationState id={id} application={application} />
      <Conditions conditions={application.status?.conditions ?? []} />
      <OperationResults application={application} />
      <Failure error={tree.error} />
      <ResourcesView
        application={application}
        tree={tree.data ?? NO_TREE}
        search={view}
        onSearch={(next) =>
          void navigate({ search: (old) => ({ ...old, ...next }), replace: true, resetScroll: false })
        }
        selected={resource}
        onOpen={open}
      />
      <Suspense>
        {resource === ROOT_KEY && (
          <ApplicationPanel
            id={id}
            application={application}
            tab={tab}
            onTab={openTab}
            onClose={() => open(undefined)}
          />
        )}
        {resource !== undefined && resource !== ROOT_KEY && (
          <ResourcePanel
            key={resource}
            id={id}
            application={application}
            tree={tree.data}
            resourceKey={resource}
            tab={tab}
            onOpen={open}
            onTab={openTab}
            onClose={() => open(undefined)}
          />
        )}
      </Suspense>
    </>
  )
}
