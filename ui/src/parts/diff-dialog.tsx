// All differences of an application.
import { useMemo } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import type { ResourceDiff } from '../../../src/crds/tree.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { differenceOf } from '../manifest/difference.ts'
import { resourceKey } from '../tree/nodes.ts'
import { DiffView } from './diff-view.tsx'
import { Modal } from './modal.tsx'
import { Failure } from './notice.tsx'
import { useText } from './preferences-context.tsx'
import { useManaged } from './use-managed.ts'

interface DiffDialogProps {
  readonly id: ApplicationId
  readonly application: Application
  readonly onClose: () => void
}

export function DiffDialog({ id, application, onClose }: DiffDialogProps) {
  const text = useText()
  const { data, error, isPending } = useManaged(id, application)
  const changed = useMemo(() => changesOf(data ?? []), [data])
  return (
    <Modal title={text('diff.title', { name: id.name })} isWide onClose={onClose}>
      <Failure error={error} />
      {isPending && <p className="muted">{text('app.loading')}</p>}
      {data !== undefined && changed.length === 0 && <p>{text('diff.none')}</p>}
      {changed.map(({ item, diff }) => (
        <section key={resourceKey(item)} className="diff-resource">
          <h3>
            <span className="muted">{item.kind}</span> {item.name}
          </h3>
          <DiffView diff={diff} />
        </section>
      ))}
    </Modal>
  )
}

function changesOf(items: readonly ResourceDiff[]) {
  return items
    .filter(({ hook }) => hook !== true)
    .map((item) => ({ item, diff: differenceOf(item) }))
    .filter(({ diff }) => diff.hunks.length > 0)
}
