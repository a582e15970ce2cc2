// A button that says why it cannot be used, in place of being missing or dead.
import type { LucideIcon } from 'lucide-react'
import { useId } from 'react'
import { useText } from './preferences-context.tsx'
import { useCan, type Right } from './use-can.ts'

interface ActionButtonProps {
  readonly icon?: LucideIcon
  readonly children: string
  readonly onPress: () => void
  /** What has to be permitted; absent: anybody may. */
  readonly right?: Right | undefined
  /** Why it cannot be used just now; absent: it can. */
  readonly obstacle?: string | undefined
  readonly look?: 'primary' | 'danger' | 'plain'
  /** Shows the icon alone; the words stay its name. */
  readonly isIcon?: boolean
  readonly isBusy?: boolean
}

/** Stays reachable by keyboard when it cannot be used, so that its reason is heard too. */
export function ActionButton(props: ActionButtonProps) {
  const { icon: Icon, children: label, onPress, right, look = '', isIcon = false, isBusy = false } = props
  const id = useId()
  const { reason, isAsking } = useObstacle(right, props.obstacle)
  const isOff = reason !== undefined || isBusy || isAsking
  return (
    <span className="action" title={titleOf(reason, isIcon, label)}>
      <button
        type="button"
        className={`button ${look} ${isIcon ? 'icon-only' : ''}`}
        aria-disabled={isOff}
        aria-label={isIcon ? label : undefined}
        aria-describedby={reason === undefined ? undefined : id}
        onClick={() => {
          if (!isOff) onPress()
        }}
      >
        {Icon !== undefined && <Icon className={isBusy ? 'icon turning' : 'icon'} aria-hidden />}
        {!isIcon && label}
      </button>
      <Reason id={id} reason={reason} />
    </span>
  )
}

function Reason({ id, reason }: { readonly id: string; readonly reason: string | undefined }) {
  if (reason === undefined) return null
  return (
    <span id={id} className="unseen">
      {reason}
    </span>
  )
}

function titleOf(reason: string | undefined, isIcon: boolean, label: string): string | undefined {
  return reason ?? (isIcon ? label : undefined)
}

/** Why something cannot be done: for want of the right, else for what the caller says. */
function useObstacle(
  right: Right | undefined,
  obstacle: string | undefined,
): { readonly reason: string | undefined; readonly isAsking: boolean } {
  const text = useText()
  const permission = useCan(right)
  const isDenied = permission === 'no' && right !== undefined
  return {
    reason: isDenied ? text('app.denied', { right: `${right.resource}, ${right.action}` }) : obstacle,
    isAsking: permission === 'asking',
  }
}
