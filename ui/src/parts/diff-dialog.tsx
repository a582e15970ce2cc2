// All differences of an application.
import { useMemo, useState } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import type { ResourceDiff } from '../../../src/crds/tree.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { differenceOf } from '../manifest/difference.ts'
import { resourceKey } from '../tree/nodes.ts'
import { DiffView } from './diff-view.tsx'
import { KindMark } from './kind-mark.tsx'
import { Modal } from './modal.tsx'
import { Failure } from './notice.tsx'
import { useText } from './preferences-context.tsx'
import { useManaged } from './use-managed.ts'

const MAX_UNFOLDED = 10

interface DiffDialogProps {
  readonly id: ApplicationId
  readonly application: Application
  readonly onClose: () => void
}

export function DiffDialog({ id, application, onClose }: DiffDialogProps) {
  const text = useText()
  const { data, error, isPending } = useManaged(id, application)
  const changed = useMemo(() => changesOf(data ?? []), [data])
  // Until a person says otherwise the first ones are unfolded; a thousand would be slow.
  const [open, setOpen] = useState<ReadonlySet<string>>()
  const shown = open ?? new Set(changed.slice(0, MAX_UNFOLDED).map(({ key }) => key))
  function turn(key: string, isOpen: boolean): void {
    if (isOpen === shown.has(key)) return
    const next = new Set(shown)
    if (isOpen) next.add(key)
    else next.delete(key)
    setOpen(next)
  }
  return (
    <Modal title={text('diff.title', { name: id.name })} isWide onClose={onClose}>
      <Failure error={error} />
      {isPending && <p className="muted">{text('app.loading')}</p>}
      {data !== undefined && changed.length === 0 && <p>{text('diff.none')}</p>}
      {changed.length > 1 && (
        <p className="bar">
          <button type="button" className="link-button" onClick={() => setOpen(new Set(changed.map(({ key }) => key)))}>
            {text('diff.expandAll')}
          </button>
          <button type="button" className="link-button" onClick={() => setOpen(new Set())}>
            {text('diff.collapseAll')}
          </button>
          <span className="muted push">{text('diff.resources', { count: changed.length })}</span>
        </p>
      )}
      {changed.map(({ key, item, diff }) => (
        <details
          key={key}
          className="plan-item"
          open={shown.has(key)}
          onToggle={(event) => turn(key, event.currentTarget.open)}
        >
          <summary>
            <KindMark kind={item.kind ?? ''} />
            <span className="break">
              <span className="muted">{item.kind}</span> {item.name}
            </span>
            <span className="muted small push">
              +{diff.added} −{diff.removed}
            </span>
          </summary>
          {shown.has(key) && <DiffView diff={diff} />}
        </details>
      ))}
    </Modal>
  )
}

function changesOf(items: readonly ResourceDiff[]) {
  return items
    .filter(({ hook }) => hook !== true)
    .map((item) => ({ key: resourceKey(item), item, diff: differenceOf(item) }))
    .filter(({ diff }) => diff.hunks.length > 0)
}
