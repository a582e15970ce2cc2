// What a rendering depends on, in lines for people: `capstan render --explain`.
import { describeInput } from '../render/external-inputs.ts'
import type { SourceType } from '../render/contract.ts'
import type { LoadedSource, RenderRequest } from '../render/renderer.ts'
import type { TreeDependencies } from './dependencies.ts'
import { dependenciesOf } from './dependencies.ts'

/** One line for each input of a load: files with their content ids, listings, paths looked for in vain, and all else. */
export function explainLoad(sourceType: SourceType, request: RenderRequest, loaded: LoadedSource): string[] {
  const { tree, references, external } = dependenciesOf(loaded)
  const { cluster, options = {} } = request
  const settings = Object.entries(options).filter(([, value]) => value !== undefined)
  return [
    `renderer ${sourceType}`,
    ...treeLines(tree, ''),
    ...[...references].flatMap(([name, reference]) => treeLines(reference, `$${name}/`)),
    ...external.map(describeInput).toSorted(),
    `capabilities ${cluster.kubeVersion === '' ? 'by default' : cluster.kubeVersion} ${cluster.apiVersions.join(',')}`.trimEnd(),
    ...settings.map(([name, value]) => `option ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`),
  ]
}

function treeLines({ files, directories, missing }: TreeDependencies, prefix: string): string[] {
  return [
    ...[...files].map(([path, id]) => `file ${prefix}${path} ${id}`).toSorted(),
    ...[...directories.keys()].map((path) => `listing ${prefix}${path === '' ? '.' : path}`).toSorted(),
    ...missing.map((path) => `absent ${prefix}${path}`).toSorted(),
  ]
}
