// The desired manifest, read-only, and the difference between live and desired.
import { useMemo } from 'react'
import type { ResourceDiff } from '../../../src/crds/tree.ts'
import { differenceOf } from '../manifest/difference.ts'
import { yamlOfJson } from '../manifest/yaml.ts'
import { DiffView } from './diff-view.tsx'
import { useText } from './preferences-context.tsx'

export function DesiredManifest({ item }: { readonly item: ResourceDiff | undefined }) {
  const text = useText()
  const yaml = useMemo(() => yamlOfJson(item?.targetState), [item])
  if (yaml === '') return <p>{text('resource.noDesired')}</p>
  return (
    <>
      <p className="hint">{text('resource.fromGit')}</p>
      <pre className="code">{yaml}</pre>
    </>
  )
}

export function ResourceDifference({ item }: { readonly item: ResourceDiff }) {
  const text = useText()
  const diff = useMemo(() => differenceOf(item), [item])
  if (diff.hunks.length === 0) return <p>{text('resource.noDiff')}</p>
  return <DiffView diff={diff} />
}
