// The live manifest and its editor (001-20).
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { patchLive, readLive } from '../api/calls.ts'
import type { ApplicationId } from '../api/shapes.ts'
import type { JsonObject } from '../manifest/json.ts'
import { mergePatch } from '../manifest/merge-patch.ts'
import { withoutNoise } from '../manifest/noise.ts'
import { parseManifest, yamlOf } from '../manifest/yaml.ts'
import type { TreeNode } from '../tree/nodes.ts'
import { Failure } from './notice.tsx'
import { useText } from './preferences-context.tsx'

interface LiveProps {
  readonly id: ApplicationId
  readonly node: TreeNode
}

/** The text being edited, and the object it began with: only what the person changed is sent. */
interface Edit {
  readonly base: JsonObject
  readonly changed: string
}

export function LiveManifest({ id, node }: LiveProps) {
  const text = useText()
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
  if (live.data === undefined) return <Failure error={live.error} />
  return (
    <>
      <Failure error={save.error} />
      {save.isSuccess && edit === undefined && (
        <output className="hint">{text(save.data ? 'resource.saved' : 'resource.unchanged')}</output>
      )}
      {edit === undefined ? (
        <>
          <div className="bar">
            <button type="button" className="button" onClick={() => setEdit({ base: shown, changed: yaml })}>
              {text('resource.edit')}
            </button>
          </div>
          <pre className="code">{yaml}</pre>
        </>
      ) : (
        <>
          <p className="hint">{text('resource.editHint')}</p>
          <textarea
            className="code editor"
            aria-label={text('resource.editor', { name: node.name })}
            value={edit.changed}
            onChange={(event) => setEdit({ ...edit, changed: event.target.value })}
            spellCheck={false}
            autoCapitalize="none"
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
