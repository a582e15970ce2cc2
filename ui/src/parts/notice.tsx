// Messages that must not be missed: failures and warnings.
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { ApiError } from '../api/request.ts'
import { useText } from './preferences-context.tsx'

interface NoticeProps {
  readonly tone: 'bad' | 'warn' | 'busy' | 'good'
  readonly children: ReactNode
}

const ICONS = { bad: CircleAlert, warn: TriangleAlert, busy: TriangleAlert, good: CircleCheck } as const

export function Notice({ tone, children }: NoticeProps) {
  const Icon = ICONS[tone]
  return (
    <div className={`notice tone-${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon className="icon" aria-hidden />
      <div>{children}</div>
    </div>
  )
}

interface FailureProps {
  readonly error: unknown
  /** Offers to try again. */
  readonly onRetry?: () => void
}

/** The server's own words; nothing where there is no failure. */
export function Failure({ error, onRetry }: FailureProps) {
  const text = useText()
  if (error === undefined || error === null) return null
  const isSilent = error instanceof ApiError && error.status === 0
  return (
    <Notice tone="bad">
      <p className="message">{isSilent ? text('app.noAnswer') : messageOf(error)}</p>
      {onRetry !== undefined && (
        <button type="button" className="link-button" onClick={onRetry}>
          {text('app.retry')}
        </button>
      )}
    </Notice>
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
