// `capstan render`: the manifests of a folder on disk, without a cluster or an application.
import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { CapstanError } from '../base/errors.ts'
import type { RenderFlags } from '../cli/processes.ts'
import type { ApplicationSource } from '../crds/application.ts'
import { stringifyYaml } from '../lang/yaml/write.ts'
import { detectSourceType } from '../render/detect.ts'
import { printChart } from '../render/helm/renderer.ts'
import { evaluateSource, loadSource } from '../render/render-source.ts'
import { diskTree } from '../source/disk-tree.ts'

/** Prints what `helm template` or `kustomize build` would; warnings go to standard error. */
export async function runRender(directory: string, flags: RenderFlags): Promise<void> {
  const folder = resolve(directory)
  if (!existsSync(folder)) throw new CapstanError('not-found', `${directory} does not exist`)
  const root = rootOf(folder)
  const tree = await diskTree(root)
  const source = sourceOf(relative(root, folder).split(sep).join('/'), flags)
  const sourceType = await detectSourceType(source, tree)
  const request = {
    application: { name: flags.name, namespace: 'argocd', project: 'default', destinationNamespace: flags.namespace },
    source,
    revision: tree.revision,
    cluster: { kubeVersion: flags.kubeVersion, apiVersions: [] },
  }
  const loaded = await loadSource(sourceType, request, { tree, references: new Map() })
  if (sourceType === 'Helm') {
    process.stdout.write(printChart(request, loaded))
    return
  }
  const { manifests, warnings } = evaluateSource(sourceType, request, loaded)
  for (const { path, message } of warnings) console.error(`warning: ${path}: ${message}`)
  process.stdout.write(manifests.map((manifest) => stringifyYaml(manifest)).join('---\n'))
}

function sourceOf(path: string, flags: RenderFlags): ApplicationSource {
  const helm = {
    ...(flags.values === undefined ? {} : { valueFiles: flags.values }),
    ...(flags.set === undefined ? {} : { parameters: flags.set.map(parameterOf) }),
    skipCrds: !flags.includeCrds,
  }
  const isPlain = flags.values === undefined && flags.set === undefined && flags.includeCrds
  return {
    repoURL: '',
    path: path === '' ? '.' : path,
    ...(isPlain ? {} : { helm }),
    ...(flags.recurse === true ? { directory: { recurse: true } } : {}),
  }
}

function parameterOf(pair: string): { readonly name: string; readonly value: string } {
  const equals = pair.indexOf('=')
  if (equals < 1) throw new CapstanError('bad-input', `--set ${pair}: write key=value`)
  return { name: pair.slice(0, equals), value: pair.slice(equals + 1) }
}

/** Bases may stand beside or above the folder: the repository it is in is what can be read, else the folder alone. */
function rootOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at
    if (dirname(at) === at) return folder
  }
}
