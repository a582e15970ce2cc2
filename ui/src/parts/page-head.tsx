// The top of a page: title, what it is for, and what can be done.
import { useEffect, type ReactNode } from 'react'
import { useText } from './preferences-context.tsx'

interface PageHeadProps {
  readonly title: string
  readonly lead?: ReactNode
  /** Buttons. */
  readonly children?: ReactNode
  /** The way here. */
  readonly crumbs?: ReactNode
}

export function PageHead({ title, lead, children, crumbs }: PageHeadProps) {
  const text = useText()
  useEffect(() => {
    document.title = `${title} – ${text('app.title')}`
  }, [title, text])
  return (
    <div className="page-head">
      <div className="bar">
        {crumbs !== undefined && <nav className="crumbs">{crumbs}</nav>}
        <h1 className="break">{title}</h1>
        {children !== undefined && <div className="actions push">{children}</div>}
      </div>
      {lead !== undefined && <p className="lead">{lead}</p>}
    </div>
  )
}
