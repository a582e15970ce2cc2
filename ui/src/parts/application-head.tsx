// The name of an application and the buttons for what can be done with it.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Copy, Diff, History, Info, RefreshCw, RotateCw, Square, Trash2, UploadCloud } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import { readApplication, terminateOperation } from '../api/calls.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { syncOf } from '../applications/application-list.ts'
import { queryKeys } from '../live/use-stream.ts'
import { Failure } from './notice.tsx'
import { useText } from './preferences-context.tsx'
import { useMay } from './use-may.ts'

const DeleteDialog = lazy(async () => ({ default: (await import('./delete-dialog.tsx')).DeleteDialog }))
const DiffDialog = lazy(async () => ({ default: (await import('./diff-dialog.tsx')).DiffDialog }))
const HistoryDialog = lazy(async () => ({ default: (await import('./history-dialog.tsx')).HistoryDialog }))
const SyncDialog = lazy(async () => ({ default: (await import('./sync-dialog.tsx')).SyncDialog }))

interface HeadProps {
  readonly id: ApplicationId
  readonly application: Application
  readonly onDetails: () => void
}

type DialogName = 'sync' | 'diff' | 'history' | 'delete'

export function ApplicationHead({ id, application, onDetails }: HeadProps) {
  const text = useText()
  const client = useQueryClient()
  const [dialog, setDialog] = useState<DialogName>()
  const refresh = useMutation({
    mutationFn: (mode: 'normal' | 'hard') => readApplication(id, { refresh: mode }),
    onSuccess: (fresh) => client.setQueryData(queryKeys.application(id), fresh),
  })
  const terminate = useMutation({ mutationFn: () => terminateOperation(id) })
  const isRunning = application.operation !== undefined
  const maySync = useMay(application, 'sync')
  const mayDelete = useMay(application, 'delete')
  const isDifferent = syncOf(application) === 'OutOfSync'
  const close = (): void => setDialog(undefined)
  return (
    <>
      <div className="bar">
        <nav className="crumbs" aria-label={text('list.title')}>
          <Link to="/applications">{text('list.title')}</Link>
          <span aria-hidden>/</span>
        </nav>
        <h1 className="app-name">{application.metadata.name}</h1>
        <fieldset className="actions push" aria-label={text('page.actions')}>
          <button
            type="button"
            className="button"
            disabled={refresh.isPending}
            onClick={() => refresh.mutate('normal')}
          >
            <RefreshCw className={refresh.isPending ? 'icon turning' : 'icon'} aria-hidden />
            {text(refresh.isPending ? 'page.refreshing' : 'page.refresh')}
          </button>
          <button
            type="button"
            className="button icon-only"
            title={text('page.hardRefresh')}
            aria-label={text('page.hardRefresh')}
            disabled={refresh.isPending}
            onClick={() => refresh.mutate('hard')}
          >
            <RotateCw className="icon" aria-hidden />
          </button>
          <SyncButtons
            isRunning={isRunning}
            reason={maySync ? undefined : text('may.not')}
            isEnding={terminate.isPending}
            onSync={() => setDialog('sync')}
            onTerminate={() => terminate.mutate()}
          />
          <button type="button" className="button" onClick={onDetails}>
            <Info className="icon" aria-hidden />
            {text('details.open')}
          </button>
          <button
            type="button"
            className="button"
            disabled={!isDifferent}
            title={isDifferent ? undefined : text('page.diffOff')}
            onClick={() => setDialog('diff')}
          >
            <Diff className="icon" aria-hidden />
            {text('page.diff')}
          </button>
          <button type="button" className="button" onClick={() => setDialog('history')}>
            <History className="icon" aria-hidden />
            {text('page.history')}
          </button>
          <Link to="/applications/new" search={{ clone: `${id.namespace}/${id.name}` }} className="button">
            <Copy className="icon" aria-hidden />
            {text('page.clone')}
          </Link>
          <button
            type="button"
            className="button danger"
            disabled={!mayDelete}
            title={mayDelete ? undefined : text('may.not')}
            onClick={() => setDialog('delete')}
          >
            <Trash2 className="icon" aria-hidden />
            {text('page.delete')}
          </button>
        </fieldset>
      </div>
      <Failure error={refresh.error ?? terminate.error} />
      <Suspense>
        {dialog === 'sync' && <SyncDialog id={id} application={application} onClose={close} />}
        {dialog === 'diff' && <DiffDialog id={id} application={application} onClose={close} />}
        {dialog === 'history' && <HistoryDialog id={id} application={application} onClose={close} />}
        {dialog === 'delete' && <DeleteDialog id={id} onClose={close} />}
      </Suspense>
    </>
  )
}

interface SyncButtonsProps {
  readonly isRunning: boolean
  /** Why one may not; undefined where one may. */
  readonly reason: string | undefined
  readonly isEnding: boolean
  readonly onSync: () => void
  readonly onTerminate: () => void
}

function SyncButtons({ isRunning, reason, isEnding, onSync, onTerminate }: SyncButtonsProps) {
  const text = useText()
  const isOff = reason !== undefined
  if (isRunning) {
    return (
      <button type="button" className="button" disabled={isEnding || isOff} title={reason} onClick={onTerminate}>
        <Square className="icon" aria-hidden />
        {text('page.terminate')}
      </button>
    )
  }
  return (
    <button type="button" className="button primary" disabled={isOff} title={reason} onClick={onSync}>
      <UploadCloud className="icon" aria-hidden />
      {text('page.sync')}
    </button>
  )
}
