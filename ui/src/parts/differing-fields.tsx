// Which fields of a resource differ, who wrote them, and the lines that leave them to that writer.
import { useState } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import type { ResourceDiff } from '../../../src/crds/tree.ts'
import { ignoreLines } from '../manifest/ignore-lines.ts'
import { CopyButton } from './copy-button.tsx'
import { useText } from './preferences-context.tsx'
import { TimeAgo } from './time-ago.tsx'

interface FieldsProps {
  readonly item: ResourceDiff
  readonly application: Application
}

export function DifferingFields({ item, application }: FieldsProps) {
  const text = useText()
  const fields = item.differingFields ?? []
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  if (fields.length === 0) return null
  const paths = fields.map(({ path }) => path).filter((path) => !left.has(path))
  const lines = ignoreLines(item, application, paths)
  function toggle(path: string): void {
    const next = new Set(left)
    if (!next.delete(path)) next.add(path)
    setLeft(next)
  }
  return (
    <section className="differing">
      <h3>{text('diff.fields')}</h3>
      <ul>
        {fields.map(({ path, manager = '', time = '', subresource = '' }) => (
          <li key={path}>
            <label>
              <input type="checkbox" checked={!left.has(path)} onChange={() => toggle(path)} />
              <code className="break">{path}</code>
            </label>
            <span className="muted small">
              {manager === ''
                ? text('diff.noOwner')
                : text('diff.owner', { manager: subresource === '' ? manager : `${manager} (${subresource})` })}{' '}
              {time !== '' && <TimeAgo time={time} />}
            </span>
          </li>
        ))}
      </ul>
      <details className="results">
        <summary>{text('diff.ignore')}</summary>
        <p className="hint">{text('diff.ignoreHint')}</p>
        {lines !== '' && (
          <div className="copied">
            <pre className="code">{lines}</pre>
            <CopyButton value={lines} />
          </div>
        )}
      </details>
    </section>
  )
}
