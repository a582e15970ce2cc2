// DELETE of a collection: every selected object, one after the other.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { Call } from '../call.ts'
import { deleteOptions } from '../delete-options.ts'
import { ApiError } from '../status.ts'
import { selectionOf } from '../selection.ts'
import { readStored } from '../write-object.ts'
import { deleteStored } from './delete.ts'
import { answerObjects, selectPage } from './list.ts'

/** Deletes what the query selects and answers with the list as it was before. */
export async function deleteCollection(call: Call): Promise<ApiResponse> {
  const options = deleteOptions(call)
  await call.server.store.committed()
  const page = selectPage(call, selectionOf(call))
  const objects = page.items.map((stored) => readStored(call, stored))
  await Promise.all(
    page.items.map(async (stored) => {
      const current = call.server.store.get(stored.key)
      if (current === undefined) return
      try {
        await deleteStored(call, current, readStored(call, current), options)
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 404) throw error // someone else was faster
      }
    }),
  )
  return answerObjects(call, objects, page)
}
