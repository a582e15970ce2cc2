// The override files of a repository: `.argocd-source.yaml` and `.argocd-source-<application>.yaml`.
import { CapstanError, messageOf } from '../base/errors.ts'
import type { ApplicationSource } from '../crds/application.ts'
import { readYamlBytes } from '../lang/yaml/bytes.ts'
import { CONVERSION_PREFIX, YamlError } from '../lang/yaml/error.ts'
import { parseYaml } from '../lang/yaml/read.ts'
import { setOwn } from '../lang/yaml/value.ts'
import type { YamlObject, YamlValue } from '../lang/yaml/value.ts'
import { sourcePath } from '../render/detect.ts'
import type { FileTree } from '../source/file-tree.ts'

/**
 * The source with both files of its path merged in, the application's own last (argo-cd v3.5.1 mergeSourceParameters):
 * a JSON merge patch, from which repoURL, path, targetRevision and chart are never taken.
 */
export async function withOverrides(
  source: ApplicationSource,
  applicationName: string,
  tree: FileTree,
  signal?: AbortSignal,
): Promise<ApplicationSource> {
  const path = sourcePath(source)
  let merged = source
  for (const name of ['.argocd-source.yaml', `.argocd-source-${applicationName}.yaml`]) {
    const file = await tree.readFile(path === '' ? name : `${path}/${name}`, signal)
    if (file !== undefined) merged = mergeFile(merged, name, file.bytes)
  }
  return merged
}

const NEVER_TAKEN = ['repoURL', 'path', 'targetRevision', 'chart'] as const

function mergeFile(source: ApplicationSource, name: string, bytes: Uint8Array): ApplicationSource {
  let patch: YamlValue
  try {
    patch = parseYaml(readYamlBytes(bytes))
  } catch (error) {
    const prefix = error instanceof YamlError ? CONVERSION_PREFIX : ''
    throw new CapstanError('bad-input', `${name}: ${prefix}${messageOf(error)}`, { cause: error })
  }
  if (patch === null) return source
  if (typeof patch !== 'object' || Array.isArray(patch)) {
    throw new CapstanError('bad-input', `${name}: must hold the fields of an application source`)
  }
  const merged = mergePatch(source as unknown as YamlObject, patch) as Record<string, unknown>
  const kept = Object.fromEntries(
    NEVER_TAKEN.map((key) => [key, source[key]]).filter(([, value]) => value !== undefined),
  )
  for (const key of NEVER_TAKEN) delete merged[key]
  return { ...merged, ...kept } as unknown as ApplicationSource // the renderers check the blocks they read
}

/** RFC 7396. */
function mergePatch(target: YamlValue, patch: YamlValue): YamlValue {
  if (!isObject(patch)) return patch
  const merged: YamlObject = {}
  if (isObject(target)) for (const key of Object.keys(target)) setOwn(merged, key, target[key] ?? null)
  for (const key of Object.keys(patch)) {
    const value = patch[key] ?? null
    if (value === null) delete merged[key]
    else setOwn(merged, key, mergePatch(Object.hasOwn(merged, key) ? (merged[key] ?? null) : null, value))
  }
  return merged
}

function isObject(value: YamlValue): value is YamlObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
