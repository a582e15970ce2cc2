// The project as YAML: what is typed there is what the other parts show, and the other way round.
import { useState } from 'react'
import { Yaml } from '../../parts/lazy-editor.tsx'
import { projectOfManifest } from '../../form/project.ts'
import { parseManifest, yamlOf } from '../../manifest/yaml.ts'
import type { ProjectPartProps } from './project-part.ts'
import { useSettingsText } from './use-settings-text.ts'

export function ProjectYaml({ project, change }: ProjectPartProps) {
  const text = useSettingsText()
  const { name = '', labels, annotations } = project.metadata
  const [fault, setFault] = useState<string>()
  const [typed, setTyped] = useState<string>()
  const own = {
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  }
  const value = typed ?? yamlOf({ apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name, ...own }, spec: project.spec }) // prettier-ignore
  function take(next: string): void {
    setTyped(next)
    try {
      change(projectOfManifest(parseManifest(next), project))
      setFault(undefined)
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <>
      <Yaml label={text('project.tab.yaml')} value={value} onValue={take} />
      <output className="hint fault">{fault === undefined ? '' : text('project.yamlFault', { fault })}</output>
    </>
  )
}
