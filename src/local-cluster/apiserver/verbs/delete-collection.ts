// DELETE of a collection: every selected object, one after the other.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Call } from '../call.ts'
import { deleteOptions } from '../delete-options.ts'
import { ApiError } from '../status.ts'
import { selectionOf } from '../selection.ts'
import { readStored } from '../write-object.ts'
import { deleteStored } from './delete.ts'
import { answerObjects, selectPage } from './list.ts'

/** Deletes what the query selects and answers with the list of it. */
export async function deleteCollection(call: Call): Promise<ApiResponse> {
  const options = deleteOptions(call)
  await call.server.store.committed()
  const page = selectPage(call, selectionOf(call))
  const deletions = page.items.map(async (stored): Promise<KubeObject> => {
    const current = call.server.store.get(stored.key)
    const object = readStored(call, current ?? stored)
    if (current === undefined) return object
    try {
      const { isGone, object: marked } = await deleteStored(call, current, object, options)
      return isGone ? object : marked
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return object // someone else was faster
      throw error
    }
  })
  const objects = await Promise.all(deletions)
  return answerObjects(call, objects, page.revision)
}
