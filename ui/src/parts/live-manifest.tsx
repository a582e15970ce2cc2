// The live manifest and its editor (001-20).
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { patchLive, readLive } from '../api/calls.ts'
import type { Application } from '../../../src/crds/application.ts'
import type { ApplicationId } from '../api/shapes.ts'
import type { JsonObject } from '../manifest/json.ts'
import { mergePatch } from '../manifest/merge-patch.ts'
import { withoutNoise } from '../manifest/noise.ts'
import { parseManifest, yamlOf } from '../manifest/yaml.ts'
import type { TreeNode } from '../tree/nodes.ts'
import { Failure } from './notice.tsx'
import { Yaml } from './lazy-editor.tsx'
import { useText } from './preferences-context.tsx'
import { useMay } from './use-may.ts'

interface LiveProps {
  readonly id: ApplicationId
  readonly application: Application
  readonly node: TreeNode
}

/** The text being edited, and the object it began with: only what the person changed is sent. */
interface Edit {
  readonly base: JsonObject
  readonly changed: string
}

export function LiveManifest({ id, application, node }: LiveProps) {
  const text = useText()
  const mayEdit = useMay(application, 'update')
  const client = useQueryClient()
  const [edit, setEdit] = useState<Edit>()
  const { resource } = node
  const isMissing = node.health === 'Missing'
  const queryKey = ['live', id.namespace, id.name, node.key, node.resourceVersion]
  const live = useQuery({
    queryKey,
    queryFn: ({ signal }) => (resource === undefined ? '' : readLive(id, resource, signal)),
    enabled: !isMissing,
    placeholderData: keepPreviousData,
  })
  const shown = useMemo(
    () => (live.data === undefined || live.data === '' ? {} : withoutNoise(parseManifest(live.data))),
    [live.data],
  )
  const yaml = useMemo(() => yamlOf(shown), [shown])
  const save = useMutation({
    mutationFn: async ({ base, changed }: Edit) => {
      const patch = mergePatch(base, parseManifest(changed))
      if (resource === undefined || Object.keys(patch).length === 0) return false
      client.setQueryData(queryKey, await patchLive(id, resource, patch))
      return true
    },
    onSuccess: () => setEdit(undefined),
  })
  if (isMissing) return <p>{text('resource.noLive')}</p>
  if (live.data === undefined) return <Failure error={live.error} onRetry={() => void live.refetch()} />
  return (
    <>
      <Failure error={save.error} />
      {save.isSuccess && edit === undefined && (
        <output className="hint">{text(save.data ? 'resource.saved' : 'resource.unchanged')}</output>
      )}
      {edit === undefined ? (
        <>
          <div className="bar">
            <button
              type="button"
              className="button"
              disabled={!mayEdit}
              title={mayEdit ? undefined : text('may.not')}
              onClick={() => setEdit({ base: shown, changed: yaml })}
            >
              {text('resource.edit')}
            </button>
            {!mayEdit && <span className="muted small">{text('may.not')}</span>}
          </div>
          <Yaml label={text('resource.live')} value={yaml} />
        </>
      ) : (
        <>
          <p className="hint">{text('resource.editHint')}</p>
          <Yaml
            label={text('resource.editor', { name: node.name })}
            value={edit.changed}
            onValue={(changed) => setEdit({ ...edit, changed })}
            onSave={() => save.mutate(edit)}
          />
          <div className="bar">
            <button
              type="button"
              className="button primary"
              disabled={save.isPending}
              onClick={() => save.mutate(edit)}
            >
              {text('resource.save')}
            </button>
            <button type="button" className="button" onClick={() => setEdit(undefined)}>
              {text('app.cancel')}
            </button>
          </div>
        </>
      )}
    </>
  )
}
