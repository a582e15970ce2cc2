// What is shown where there is nothing yet, with what to do about it.
import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

interface EmptyProps {
  readonly icon: LucideIcon
  readonly title: string
  readonly children?: ReactNode
}

export function Empty({ icon: Icon, title, children }: EmptyProps) {
  return (
    <div className="empty boxed">
      <Icon className="empty-icon" aria-hidden />
      <p className="empty-title">{title}</p>
      {children}
    </div>
  )
}
