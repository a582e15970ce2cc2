// Sources of plug-ins: what a plug-in prints becomes manifests.
import { CapstanError } from '../../base/errors.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { LoadContext, Rendered } from '../contract.ts'
import { readPrintedManifests } from '../plain/manifests.ts'
import type { LoadedSource, Renderer, RenderRequest } from '../renderer.ts'

export const pluginRenderer: Renderer = {
  sourceType: 'Plugin',
  load: loadPlugin,
  evaluate: evaluatePlugin,
}

async function loadPlugin(request: RenderRequest, { plugins, signal }: LoadContext): Promise<readonly string[]> {
  if (plugins !== undefined) return plugins.generate(signal)
  const name = request.source.plugin?.name ?? ''
  throw new CapstanError(
    'unsupported',
    `could not find cmp-server plugin with name ${JSON.stringify(name)} supporting the given repository: plug-ins are off; start Capstan with --plugins DIR`,
  )
}

/** A plug-in may answer otherwise the next time: its result is never taken as unchanged. */
function evaluatePlugin(_request: RenderRequest, loaded: LoadedSource): Rendered {
  const texts = loaded.extra as readonly string[] // what loadPlugin returned
  const manifests: KubeObject[] = []
  for (const text of texts) for (const object of readPrintedManifests(text)) manifests.push(object)
  return { sourceType: 'Plugin', manifests, warnings: [], volatile: true }
}
