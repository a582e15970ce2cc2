// What can be done with the applications that were chosen in the list.
import { RefreshCw, Trash2, UploadCloud, X } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useText } from './preferences-context.tsx'

const BulkDialog = lazy(async () => ({ default: (await import('./bulk-dialog.tsx')).BulkDialog }))

export type BulkDeed = 'sync' | 'refresh' | 'delete'

interface BulkProps {
  readonly selected: ReadonlySet<string>
  /** How many match the filter. */
  readonly matching: number
  readonly onAll: () => void
  readonly onNone: () => void
}

export function BulkBar({ selected, matching, onAll, onNone }: BulkProps) {
  const text = useText()
  const [deed, setDeed] = useState<BulkDeed>()
  return (
    <>
      <div className="bulk-bar" role="toolbar" aria-label={text('bulk.title')}>
        <output>{text('bulk.count', { count: selected.size })}</output>
        {selected.size < matching && (
          <button type="button" className="link-button" onClick={onAll}>
            {text('bulk.all', { count: matching })}
          </button>
        )}
        <span className="actions push">
          <button type="button" className="button primary" onClick={() => setDeed('sync')}>
            <UploadCloud className="icon" aria-hidden />
            {text('page.sync')}
          </button>
          <button type="button" className="button" onClick={() => setDeed('refresh')}>
            <RefreshCw className="icon" aria-hidden />
            {text('page.refresh')}
          </button>
          <button type="button" className="button danger" onClick={() => setDeed('delete')}>
            <Trash2 className="icon" aria-hidden />
            {text('page.delete')}
          </button>
          <button type="button" className="button plain" aria-label={text('bulk.none')} onClick={onNone}>
            <X className="icon" aria-hidden />
          </button>
        </span>
      </div>
      <Suspense>
        {deed !== undefined && (
          <BulkDialog
            deed={deed}
            keys={[...selected]}
            onClose={() => setDeed(undefined)}
            onDone={() => {
              setDeed(undefined)
              onNone()
            }}
          />
        )}
      </Suspense>
    </>
  )
}
