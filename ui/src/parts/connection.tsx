// The state of a connection as a badge, with what is wrong below it.
import { CircleCheck, CircleHelp, CircleX } from 'lucide-react'

interface ConnectionProps {
  readonly state: { readonly status?: string; readonly message?: string } | undefined
}

export function Connection({ state }: ConnectionProps) {
  const { status = 'Unknown', message = '' } = state ?? {}
  const [tone, Icon] = lookOf(status)
  return (
    <>
      <span className={`badge tone-${tone}`}>
        <Icon className="icon" aria-hidden />
        {status || 'Unknown'}
      </span>
      {status === 'Failed' && message !== '' && <p className="cell-note break">{message}</p>}
    </>
  )
}

function lookOf(status: string): readonly ['good' | 'bad' | 'quiet', typeof CircleCheck] {
  if (status === 'Successful') return ['good', CircleCheck]
  return status === 'Failed' ? ['bad', CircleX] : ['quiet', CircleHelp]
}
