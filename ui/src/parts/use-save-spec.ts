// Saves the spec of an application and shows what came of it.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ApplicationSpec } from '../../../src/crds/application.ts'
import { updateSpec } from '../api/resource-calls.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { queryKeys } from '../live/use-stream.ts'

export function useSaveSpec(id: ApplicationId, onSaved: () => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (spec: ApplicationSpec) => updateSpec(id, spec),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: queryKeys.application(id) })
      onSaved()
    },
  })
}
