// The files of a hydrated commit: manifest.yaml, hydrator.metadata and README.md of each path, and two at the root.
import { CapstanError } from '../../base/errors.ts'
import type { KubeObject } from '../../kube/object.ts'
import { stringifyYaml, V3_STYLE } from '../../lang/yaml/write.ts'
import type { HeadFiles } from '../../source/git/branch-writer.ts'
import { type CommitMetadata, metadataText, withoutEmpty } from './commit-metadata.ts'
import { plainPath } from './validate.ts'

/** Characters of one manifest.yaml: hosts refuse larger files. */
export const MAX_MANIFEST_LENGTH: number = 64 * 1024 * 1024

const MANIFEST = 'manifest.yaml'
const METADATA = 'hydrator.metadata'
const README = 'README.md'
/** Reviews leave out what nobody writes by hand. */
const GIT_ATTRIBUTES = '**/README.md linguist-generated=true\n**/hydrator.metadata linguist-generated=true'

export interface HydratedPath {
  readonly path: string
  readonly manifests: readonly KubeObject[]
  /** What renders the same by hand; none for plain files. */
  readonly commands: readonly string[]
}

/** Manifests one behind the other, as go-yaml v3 writes them with an indentation of two. */
export function manifestText(manifests: readonly KubeObject[]): string {
  const text = manifests.map((object) => stringifyYaml(object, V3_STYLE)).join('---\n')
  if (text.length > MAX_MANIFEST_LENGTH) {
    throw new CapstanError(
      'limit',
      `the manifests have ${text.length} characters; at most ${MAX_MANIFEST_LENGTH} are written`,
    )
  }
  return text
}

/**
 * What is to be written over a branch's head: the files of the paths whose manifests differ, and those of the root. Undefined
 * where no manifest differs: a new dry commit alone is no reason for a commit (argo-cd v3.5.1 `WriteForPaths`).
 */
export async function hydratedFiles(
  paths: readonly HydratedPath[],
  metadata: CommitMetadata,
  { head, readme }: { readonly head: HeadFiles; readonly readme: (metadata: CommitMetadata) => string },
): Promise<ReadonlyMap<string, string> | undefined> {
  const files = new Map<string, string>()
  for (const { path, manifests, commands } of paths) {
    const folder = plainPath(path)
    const text = manifestText(manifests)
    if (await head.hasText(`${folder}/${MANIFEST}`, text)) continue
    const { repoURL = '', drySha = '' } = metadata
    const own = withoutEmpty({ repoURL, drySha, commands })
    files.set(`${folder}/${MANIFEST}`, text)
    files.set(`${folder}/${METADATA}`, metadataText(own))
    files.set(`${folder}/${README}`, readme(own))
  }
  if (files.size === 0) return undefined
  files.set(METADATA, metadataText(metadata))
  files.set('.gitattributes', GIT_ATTRIBUTES)
  return files
}
