// What the sync that is being put together would change.
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import { readManifests } from '../api/resource-calls.ts'
import type { ApplicationId } from '../api/shapes.ts'
import type { SyncChoice } from '../form/sync-request.ts'
import { planManifests, planSync } from '../manifest/sync-plan.ts'
import { Failure } from './notice.tsx'
import { PlanView } from './plan-view.tsx'
import { useText } from './preferences-context.tsx'
import { useManaged } from './use-managed.ts'

interface PreviewProps {
  readonly id: ApplicationId
  readonly application: Application
  readonly choice: SyncChoice
}

export function SyncPreview({ id, application, choice }: PreviewProps) {
  const text = useText()
  const { revision, selected, prune } = choice
  const own = application.spec.source?.targetRevision ?? ''
  const isOther = revision.trim() !== '' && revision.trim() !== own
  const managed = useManaged(id, application)
  const other = useQuery({
    queryKey: ['manifests', id.namespace, id.name, revision.trim()],
    queryFn: ({ signal }) => readManifests(id, revision.trim(), signal),
    enabled: isOther,
  })
  const plan = useMemo(() => {
    if (managed.data === undefined) return undefined
    if (!isOther) return planSync(managed.data, { selected, prune })
    if (other.data === undefined) return undefined
    const before = managed.data
      .map(({ targetState = '' }) => targetState)
      .filter((json) => json !== '' && json !== 'null')
    return planManifests(before, other.data, prune)
  }, [managed.data, other.data, isOther, selected, prune])
  const error = managed.error ?? other.error
  return (
    <section className="sync-preview" aria-label={text('sync.preview')} aria-live="polite">
      <h3>{text('sync.preview')}</h3>
      <p className="hint">
        {isOther ? text('sync.previewOther', { revision: revision.trim() }) : text('sync.previewHint')}
      </p>
      <Failure error={error} />
      {plan === undefined && error === null && <p className="muted">{text('app.loading')}</p>}
      {plan !== undefined && <PlanView plan={plan} nothing={text('sync.previewNothing')} />}
    </section>
  )
}
