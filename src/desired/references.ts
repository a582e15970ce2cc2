// Sources of an application that lend their files to others: `$name/path` in value files.
import { CapstanError } from '../base/errors.ts'
import type { ApplicationSource } from '../crds/application.ts'
import type { FileTree } from '../source/file-tree.ts'
import type { OpenedSource } from '../source/provider.ts'

/** A source with a `ref` and nothing to render only lends its files (argo-cd v3.5.1 reposerver `GenerateManifest`); an artifact is rendered whole. */
export function isOnlyReference({ ref, path, chart, repoURL }: ApplicationSource): boolean {
  return (ref ?? '') !== '' && (path ?? '') === '' && (chart ?? '') === '' && !repoURL.startsWith('oci://')
}

/** Throws `bad-input` for a name that `$name/path` could not be read with, or that two sources have (argo-cd v3.5.1 `GetRefSources`). */
export function checkReferences(sources: readonly ApplicationSource[]): void {
  const seen = new Set<string>()
  for (const { ref = '' } of sources) {
    if (ref === '') continue
    if (!/^[a-zA-Z0-9_-]+$/.test(ref)) {
      const text = `failed to get ref sources: sources.ref ${ref} cannot contain any special characters except '_' and '-'`
      throw new CapstanError('bad-input', text)
    }
    if (seen.has(ref)) {
      const text = 'failed to get ref sources: invalid sources: multiple sources had the same `ref` key'
      throw new CapstanError('bad-input', `${text}: ${ref}`)
    }
    seen.add(ref)
  }
}

/** The trees by their names. */
export function referencesOf(
  sources: readonly ApplicationSource[],
  opened: readonly OpenedSource[],
): ReadonlyMap<string, FileTree> {
  const references = new Map<string, FileTree>()
  for (const [i, { ref = '' }] of sources.entries()) {
    const tree = opened[i]?.tree
    if (ref !== '' && tree !== undefined) references.set(ref, tree)
  }
  return references
}
