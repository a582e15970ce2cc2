// One informer per resource and process, shared by everyone who needs that resource.
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { KubeObject } from '../object.ts'
import { KubeError, type KubeClient, type ResourceType } from './client.ts'
import type { IndexFunction } from './indexed-store.ts'
import { Informer, metadataOnly } from './informer.ts'

export interface InformerSetOptions {
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Log
}

/** Which resource to follow, by group and kind. */
export interface InformerRequest<T extends KubeObject> {
  readonly group: string
  readonly kind: string
  readonly version?: string
  /** Added to those others asked for; equal names must mean equal functions. */
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>
  /** That of the first who asks holds for all. */
  readonly transform?: (object: KubeObject) => T
}

/** Hands out shared informers over all namespaces; started by `start`, or at once when the set runs already. */
export class InformerSet {
  readonly #options: InformerSetOptions
  readonly #informers = new Map<string, Informer>()
  #started = false

  constructor(options: InformerSetOptions) {
    this.#options = options
  }

  /** The informer of a kind; a 404 `KubeError` where the cluster does not serve it. */
  async of<T extends KubeObject = KubeObject>(request: InformerRequest<T>): Promise<Informer<T>> {
    const type = await this.#options.client.resourceOf(request)
    if (type === undefined) {
      throw new KubeError(
        404,
        'NotFound',
        `the cluster serves no ${request.kind} of group ${JSON.stringify(request.group)}`,
      )
    }
    return this.ofType<T>(type, request)
  }

  /** The informer of a resource that discovery has named. */
  ofType<T extends KubeObject = KubeObject>(
    type: ResourceType,
    request: Pick<InformerRequest<T>, 'indexes' | 'transform'> = {},
  ): Informer<T> {
    const key = `${type.group}/${type.resource}`
    const { indexes = {}, transform } = request
    const known = this.#informers.get(key)
    if (known !== undefined) {
      // Whoever asks for a resource means its kind: T only says how it is read.
      const shared = known as unknown as Informer<T>
      shared.addIndexes(indexes)
      return shared
    }
    const informer = new Informer<T>({
      ...this.#options,
      type,
      indexes,
      ...(transform === undefined ? {} : { transform }),
    })
    this.#informers.set(key, informer as unknown as Informer)
    if (this.#started) informer.start()
    return informer
  }

  /** For who needs no more than metadata: the shared informer where somebody follows the whole objects already, else one that keeps nothing else of them. */
  metadataOf(type: ResourceType): Informer {
    const key = `${type.group}/${type.resource}`
    const known = this.#informers.get(key) ?? this.#informers.get(`metadata ${key}`)
    if (known !== undefined) return known
    const informer = new Informer({ ...this.#options, type, transform: metadataOnly })
    this.#informers.set(`metadata ${key}`, informer)
    if (this.#started) informer.start()
    return informer
  }

  /** Starts every informer, those still to come too. */
  start(): void {
    this.#started = true
    for (const informer of this.#informers.values()) informer.start()
  }

  /** Resolves once every informer handed out so far has its first list. */
  async hasSynced(): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.hasSynced))
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.stop()))
  }
}
