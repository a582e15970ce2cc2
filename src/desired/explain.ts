// What a rendering depends on, in lines for people: `capstan render --explain`.
import type { KubeObject } from '../kube/object.ts'
import { describeInput } from '../render/external-inputs.ts'
import type { SourceType } from '../render/contract.ts'
import type { LoadedSource, RenderRequest } from '../render/renderer.ts'
import { vaultReadsOf } from '../render/secrets/fill.ts'
import { isEncryptedFile, recipientsOfFile } from '../render/secrets/sops/open-file.ts'
import { sourcePath } from '../render/detect.ts'
import type { TreeDependencies } from './dependencies.ts'
import { dependenciesOf } from './dependencies.ts'

export interface Explained {
  readonly sourceType: SourceType
  readonly request: RenderRequest
  readonly loaded: LoadedSource
  /** What came of it, before secrets are filled in: placeholders of Vault stand there. */
  readonly manifests: readonly KubeObject[]
  /** Of the program that renders. */
  readonly version: string
}

/**
 * One line for each input: renderer and version, files with their content ids, listings, paths looked for in vain, what
 * was fetched, keys of encrypted files, values of Vault, capabilities, parameters and options.
 */
export function explainLoad({ sourceType, request, loaded, manifests, version }: Explained): string[] {
  const { tree, references, external } = dependenciesOf(loaded)
  const { cluster, options = {}, application } = request
  const { kubeVersion, apiVersions } = cluster
  return [
    `renderer ${sourceType} of Capstan ${version}`,
    `application ${application.name} to namespace ${application.destinationNamespace}`,
    ...treeLines(tree, ''),
    ...[...references].flatMap(([name, reference]) => treeLines(reference, `$${name}/`)),
    ...external.map(describeInput).toSorted(),
    ...encryptedLines(loaded),
    ...vaultLines(manifests),
    `capabilities ${kubeVersion === '' ? 'by default' : kubeVersion} ${apiVersions.join(',')}`.trimEnd(),
    ...parameterLines(request),
    ...settingsLines('option', options),
  ]
}

/** Blocks of a source in which applications set parameters. */
const BLOCKS = ['helm', 'kustomize', 'directory', 'plugin'] as const

function parameterLines({ source }: RenderRequest): string[] {
  const path = `parameter path=${sourcePath(source) === '' ? '.' : sourcePath(source)}`
  return [path, ...BLOCKS.flatMap((block) => settingsLines(`parameter ${block}`, { ...source[block] }, '.'))]
}

function settingsLines(what: string, settings: object, joint = ' '): string[] {
  return Object.entries(settings)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${what}${joint}${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
}

/** Whose key opens a file decides what comes of it, and whether anything does. */
function encryptedLines({ files, references }: LoadedSource): string[] {
  const all = [['', files] as const, ...[...references].map(([name, one]) => [`$${name}/`, one] as const)]
  return all.flatMap(([prefix, { files: read }]) =>
    [...read]
      .filter(([path, { bytes }]) => isEncryptedFile(path, bytes))
      .flatMap(([path, { bytes }]) =>
        recipientsOfFile(path, bytes).map((key) => `encrypted ${prefix}${path} to ${key}`),
      )
      .toSorted(),
  )
}

/** The version that a placeholder pins; without one a delivery reads the latest, and says which that was. */
function vaultLines(manifests: readonly KubeObject[]): string[] {
  const reads = vaultReadsOf(manifests)
  const lines = reads.map(({ path, version }) => `vault ${path} ${version === '' ? 'latest' : `version ${version}`}`)
  return [...new Set(lines)].toSorted()
}

function treeLines({ files, directories, missing }: TreeDependencies, prefix: string): string[] {
  return [
    ...[...files].map(([path, id]) => `file ${prefix}${path} ${id}`).toSorted(),
    ...[...directories.keys()].map((path) => `listing ${prefix}${path === '' ? '.' : path}`).toSorted(),
    ...missing.map((path) => `absent ${prefix}${path}`).toSorted(),
  ]
}
