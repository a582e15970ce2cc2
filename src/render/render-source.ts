// Both phases of rendering one source: what is read is recorded, what is evaluated needs nothing else.
import { CapstanError, messageOf } from '../base/errors.ts'
import type { FileTree } from '../source/file-tree.ts'
import type { Rendered, SourcePlugins, SourceType } from './contract.ts'
import { recordingFetchers } from './external-inputs.ts'
import type { ExternalInput, Fetchers } from './external-inputs.ts'
import { RecordingTree } from './recording.ts'
import { rendererFor } from './registry.ts'
import type { LoadedSource, RenderRequest } from './renderer.ts'

/** See `LoadContext`. */
export interface LoadOptions extends Fetchers {
  readonly tree: FileTree
  readonly references: ReadonlyMap<string, FileTree>
  readonly plugins?: SourcePlugins
  readonly signal?: AbortSignal
}

/** Reads what rendering needs. Trees that record already are used as they are, so that earlier reads count too. */
export async function loadSource(
  sourceType: SourceType,
  request: RenderRequest,
  options: LoadOptions,
): Promise<LoadedSource> {
  const tree = recording(options.tree)
  const references = new Map([...options.references].map(([name, reference]) => [name, recording(reference)]))
  const inputs: ExternalInput[] = []
  const context = { ...options, ...recordingFetchers(options, inputs), tree, references }
  const extra = await rendererFor(sourceType).load(request, context)
  const loadedReferences = new Map([...references].map(([name, reference]) => [name, reference.loaded()]))
  return { files: tree.loaded(), references: loadedReferences, extra, inputs }
}

function recording(tree: FileTree): RecordingTree {
  return tree instanceof RecordingTree ? tree : new RecordingTree(tree)
}

/** Computes the manifests of a loaded source. Everything it throws is a `CapstanError`. */
export function evaluateSource(sourceType: SourceType, request: RenderRequest, loaded: LoadedSource): Rendered {
  try {
    return rendererFor(sourceType).evaluate(request, loaded)
  } catch (error) {
    if (error instanceof CapstanError) throw error
    throw new CapstanError('internal', `rendering failed: ${messageOf(error)}`, { cause: error })
  }
}
