// The desired manifest, read-only, and the difference between live and desired.
import { useMemo } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import type { ResourceDiff } from '../../../src/crds/tree.ts'
import { differenceOf } from '../manifest/difference.ts'
import { yamlOfJson } from '../manifest/yaml.ts'
import { DiffView } from './diff-view.tsx'
import { DifferingFields } from './differing-fields.tsx'
import { Yaml } from './lazy-editor.tsx'
import { useText } from './preferences-context.tsx'

export function DesiredManifest({ item }: { readonly item: ResourceDiff | undefined }) {
  const text = useText()
  const yaml = useMemo(() => yamlOfJson(item?.targetState), [item])
  if (yaml === '') return <p>{text('resource.noDesired')}</p>
  return (
    <>
      <p className="hint">{text('resource.fromGit')}</p>
      <Yaml label={text('resource.desired')} value={yaml} />
    </>
  )
}

interface DifferenceProps {
  readonly item: ResourceDiff
  readonly application: Application
}

export function ResourceDifference({ item, application }: DifferenceProps) {
  const text = useText()
  const diff = useMemo(() => differenceOf(item), [item])
  if (diff.hunks.length === 0) return <p>{text('resource.noDiff')}</p>
  return (
    <>
      <DiffView diff={diff} />
      {item.kind === 'Secret' && (item.group ?? '') === '' && <p className="hint">{text('diff.masked')}</p>}
      <DifferingFields item={item} application={application} />
    </>
  )
}
