// The renderers there are, a line each.
import { CapstanError } from '../base/errors.ts'
import type { SourceType } from './contract.ts'
import { createHelmRenderer } from './helm/renderer.ts'
import { kustomizeRenderer } from './kustomize/renderer.ts'
import { pluginRenderer } from './plugin/renderer.ts'
import { plainRenderer } from './plain/renderer.ts'
import type { Renderer } from './renderer.ts'

const RENDERERS: readonly Renderer[] = [plainRenderer, createHelmRenderer(), kustomizeRenderer, pluginRenderer]

/** The renderer of a source type. Throws `unsupported` where there is none yet. */
export function rendererFor(sourceType: SourceType): Renderer {
  const renderer = RENDERERS.find((candidate) => candidate.sourceType === sourceType)
  if (renderer === undefined) {
    throw new CapstanError('unsupported', `sources of type ${sourceType} cannot be rendered by this version`)
  }
  return renderer
}
