// Whether the metadata that the application wants on its namespace are those its last sync has put there.
import { isDeepStrictEqual } from 'node:util'
import type { Application } from '../../crds/application.ts'

/** True where the spec wants other metadata than the last sync has tried to write. */
export function hasNewNamespaceMetadata({ spec, status }: Application): boolean {
  const result = status?.operationState?.syncResult
  const wanted = spec.syncPolicy?.managedNamespaceMetadata
  if (result === undefined || wanted === undefined) return false
  if (!(spec.syncPolicy?.syncOptions ?? []).includes('CreateNamespace=true')) return false
  return !isDeepStrictEqual(wanted, result.managedNamespaceMetadata)
}
