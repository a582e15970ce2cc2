// The Application as YAML, its spec to be edited.
import { useMemo, useState } from 'react'
import type { Application, ApplicationSpec } from '../../../src/crds/application.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { parseManifest, yamlOf } from '../manifest/yaml.ts'
import { EditButton } from './details-tab.tsx'
import { Yaml } from './lazy-editor.tsx'
import { Failure } from './notice.tsx'
import { useText } from './preferences-context.tsx'
import { useMay } from './use-may.ts'
import { useSaveSpec } from './use-save-spec.ts'

interface SpecProps {
  readonly id: ApplicationId
  readonly application: Application
}

export function SpecTab({ id, application }: SpecProps) {
  const text = useText()
  const may = useMay(application, 'update')
  const [edited, setEdited] = useState<string>()
  const [fault, setFault] = useState<unknown>()
  const save = useSaveSpec(id, () => setEdited(undefined))
  const whole = useMemo(() => {
    const { apiVersion, kind, metadata, spec } = application
    const { name, namespace, labels, annotations, finalizers } = metadata
    const known = Object.entries({ name, namespace, labels, annotations, finalizers })
    const shown = Object.fromEntries(known.filter(([, value]) => value !== undefined))
    return yamlOf({ apiVersion, kind, metadata: shown, spec })
  }, [application])
  function send(): void {
    try {
      setFault(undefined)
      // The server checks the shape and answers with what is wrong.
      save.mutate(parseManifest(edited ?? '') as unknown as ApplicationSpec)
    } catch (error) {
      setFault(error)
    }
  }
  if (edited === undefined) {
    return (
      <>
        <div className="bar">
          <EditButton may={may} onClick={() => setEdited(yamlOf(application.spec))} />
        </div>
        <Yaml label={text('details.tab.manifest')} value={whole} />
      </>
    )
  }
  return (
    <>
      <Failure error={fault ?? save.error} />
      <p className="hint">{text('details.specHint')}</p>
      <Yaml label={text('details.spec')} value={edited} onValue={setEdited} onSave={send} />
      <div className="bar">
        <button type="button" className="button primary" disabled={save.isPending} onClick={send}>
          {text('resource.save')}
        </button>
        <button type="button" className="button" onClick={() => setEdited(undefined)}>
          {text('app.cancel')}
        </button>
      </div>
    </>
  )
}
