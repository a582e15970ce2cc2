// What passes between the pool and a rendering worker.
import type { ErrorCode } from '../base/errors.ts'
import type { LoadedFiles, RenderWarning, SourceType } from '../render/contract.ts'
import type { LoadedSource, RenderRequest } from '../render/renderer.ts'

export interface RenderJob {
  readonly id: number
  readonly sourceType: SourceType
  readonly request: RenderRequest
  readonly loaded: LoadedSource
  /** Bytes of manifests as JSON beyond which the job fails. */
  readonly maxOutputLength: number
}

export type RenderAnswer =
  | {
      readonly id: number
      readonly ok: true
      readonly sourceType: SourceType
      /** The manifests as JSON text: parsing it is far cheaper than cloning objects, and integers stay exact. */
      readonly manifests: string
      readonly warnings: readonly RenderWarning[]
      readonly volatile: boolean
    }
  | { readonly id: number; readonly ok: false; readonly code: ErrorCode; readonly message: string }

/**
 * The loaded files with contents of their own, to be transferred: a view on a larger buffer would otherwise be cloned
 * with all of it, and transferring it would take the buffer away from others.
 */
export function detachable(loaded: LoadedSource): { loaded: LoadedSource; buffers: ArrayBuffer[] } {
  const buffers: ArrayBuffer[] = []
  const copied = (files: LoadedFiles): LoadedFiles => ({
    ...files,
    files: new Map(
      [...files.files].map(([path, { id, bytes }]) => {
        const copy = new Uint8Array(bytes)
        buffers.push(copy.buffer)
        return [path, { id, bytes: copy }]
      }),
    ),
  })
  const references = new Map([...loaded.references].map(([name, files]) => [name, copied(files)]))
  return { loaded: { files: copied(loaded.files), references, extra: loaded.extra }, buffers }
}
