// Renderings that are kept, and what each was made of: the latter for longer, for it tells that nothing has moved.
import { LruCache } from '../base/lru.ts'
import type { Rendered } from '../render/contract.ts'
import type { Dependencies, TreeDependencies } from './dependencies.ts'
import type { HeldValues } from './secrets.ts'

/** Everything that could have made a rendering different. */
export interface Trace {
  /** One for each rendering, never given twice. */
  readonly id: number
  readonly inputs: string
  /** Where the source, overrides merged in, substitutes revisions: those it was rendered with. */
  readonly revisions: string | undefined
  readonly dependencies: Dependencies
  /** It asked what is no input: it is never taken as unchanged. */
  readonly isVolatile: boolean
}

export interface KeptRendering {
  readonly rendered: Rendered
  readonly held: HeldValues
  readonly recipients: readonly string[]
  /** Of what was read for it. */
  readonly bytes: number
}

/** Paths of all traces together; some 150 bytes each. Five thousand applications of fifty files have half of them. */
export const MAX_TRACED_PATHS = 500_000

export class KeptRenderings {
  readonly #renderings: LruCache<KeptRendering & { readonly id: number }>
  readonly #traces: LruCache<Trace>
  #last = 0

  constructor(limits: { readonly maxBytes: number; readonly maxPaths?: number }) {
    this.#renderings = new LruCache({ maxSize: limits.maxBytes, sizeOf: ({ bytes }) => bytes })
    this.#traces = new LruCache({ maxSize: limits.maxPaths ?? MAX_TRACED_PATHS, sizeOf: pathsOf })
  }

  trace(key: string): Trace | undefined {
    return this.#traces.get(key)
  }

  /** What a trace is of, where it has not been given up. */
  rendering(key: string, { id }: Trace): KeptRendering | undefined {
    const kept = this.#renderings.get(key)
    return kept?.id === id ? kept : undefined
  }

  /** Gives the number of the rendering. */
  keep(key: string, trace: Omit<Trace, 'id'>, rendering: KeptRendering): number {
    this.#last++
    this.#traces.set(key, { ...trace, id: this.#last })
    this.#renderings.set(key, { ...rendering, id: this.#last })
    return this.#last
  }

  drop(key: string): void {
    this.#traces.delete(key)
    this.#renderings.delete(key)
  }
}

function pathsOf({ dependencies: { tree, references } }: Trace): number {
  let count = 1
  for (const one of [tree, ...references.values()]) count += sizeOf(one)
  return count
}

function sizeOf({ files, directories, missing }: TreeDependencies): number {
  return files.size + directories.size + missing.length
}
