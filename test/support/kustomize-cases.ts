// Runs recorded kustomize builds: files in memory, through load's discovery and the build.
import type { MemoryFile } from './memory-tree.ts'
import { memoryTree } from './memory-tree.ts'
import { RecordingTree } from '../../src/render/recording.ts'
import { stringifyYaml } from '../../src/lang/yaml/write.ts'
import type { BuildOptions } from '../../src/render/kustomize/build-context.ts'
import { buildKustomization } from '../../src/render/kustomize/build.ts'
import { discoverFiles } from '../../src/render/kustomize/discover.ts'
import type { Node } from '../../src/render/kustomize/node.ts'
import { valueOfNode } from '../../src/render/kustomize/node.ts'

export interface Built {
  readonly output: string
  readonly warnings: readonly string[]
}

/** Builds a directory of these files (paths may begin with a slash) and prints the result as `kustomize build` does. */
export async function buildFiles(
  files: Readonly<Record<string, MemoryFile>>,
  path: string,
  options: BuildOptions = {},
): Promise<Built> {
  const entries = Object.entries(files).map(([name, file]) => [relative(name), file] as const)
  const tree = new RecordingTree(memoryTree(Object.fromEntries(entries), 'test'))
  const root = relative(path)
  await discoverFiles(root, { tree })
  const { manifests, warnings } = buildKustomization(tree.loaded(), root, options)
  const output = manifests.map((manifest) => stringifyYaml(manifest)).join('---\n')
  return { output, warnings: warnings.map((warning) => warning.message) }
}

/** A path as trees have it. */
function relative(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  return parts.join('/')
}

/** A tree without styles: mappings as lists of key and value, so that their order counts. */
export function plainTree(node: Node | undefined): unknown {
  if (node === undefined) return undefined
  if (node.kind === 'scalar') return valueOfNode(node)
  if (node.kind === 'sequence') return node.items.map((item) => plainTree(item))
  return { entries: node.entries.map(({ key, value }) => [key.text, plainTree(value)]) }
}
