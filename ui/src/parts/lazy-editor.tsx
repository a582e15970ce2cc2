// The YAML editor, fetched when it is first shown; meanwhile the plain text stands in its place.
import { lazy, Suspense, type ComponentProps } from 'react'
import type { YamlEditor as Editor } from './yaml-editor.tsx'

const YamlEditor = lazy(async () => ({ default: (await import('./yaml-editor.tsx')).YamlEditor }))

export function Yaml(props: ComponentProps<typeof Editor>) {
  return (
    <Suspense
      fallback={<pre className={props.isShort === true ? 'code waiting short' : 'code waiting'}>{props.value}</pre>}
    >
      <YamlEditor {...props} />
    </Suspense>
  )
}
