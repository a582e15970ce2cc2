// A state as icon, colour and word; never by colour alone.
import {
  CircleArrowUp,
  CircleCheck,
  CircleHelp,
  CirclePause,
  CircleX,
  Ghost,
  Heart,
  HeartCrack,
  LoaderCircle,
  type LucideIcon,
} from 'lucide-react'
import { toneOf } from '../applications/status.ts'

const ICONS: Readonly<Record<string, LucideIcon>> = {
  Synced: CircleCheck,
  OutOfSync: CircleArrowUp,
  Healthy: Heart,
  Progressing: LoaderCircle,
  Degraded: HeartCrack,
  Suspended: CirclePause,
  Missing: Ghost,
  Running: LoaderCircle,
  Terminating: LoaderCircle,
  Failed: CircleX,
  Error: CircleX,
  Succeeded: CircleCheck,
}

export function Badge({ status }: { readonly status: string }) {
  return (
    <span className={`badge tone-${toneOf(status)}`}>
      <StatusIcon status={status} />
      {status}
    </span>
  )
}

/** The icon alone, for places where the word stands in a name for assistive technology. */
export function StatusIcon({ status, label }: { readonly status: string; readonly label?: string }) {
  const Icon = ICONS[status] ?? CircleHelp
  const isTurning = toneOf(status) === 'busy'
  return (
    <Icon
      className={`icon tone-${toneOf(status)}${isTurning ? ' turning' : ''}`}
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    />
  )
}
