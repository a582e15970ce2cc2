// Reads from objects which images of registered registries they need, and where.
import type { KubeObject } from '../../kube/object.ts'
import { createImageReader, type ImageReader } from '../../pull-secrets/images-in-use.ts'
import type { PullSecretSettings } from '../../settings/pull-secrets.ts'

/** Keeps its reader until the settings name other paths. */
export class NeededImages {
  readonly #settings: () => PullSecretSettings
  #made: { readonly paths: string; readonly read: ImageReader } | undefined

  constructor(settings: () => PullSecretSettings) {
    this.#settings = settings
  }

  /** Reads the images of objects as the settings say. */
  reader(): ImageReader {
    const { paths } = this.#settings()
    const text = JSON.stringify(paths)
    if (this.#made?.paths !== text) this.#made = { paths: text, read: createImageReader(paths) }
    return this.#made.read
  }

  /** Images by namespace, of those that `isRegistered`. */
  of(objects: readonly KubeObject[], isRegistered: (image: string) => boolean): ReadonlyMap<string, readonly string[]> {
    const read = this.reader()
    const needed = new Map<string, string[]>()
    for (const object of objects) {
      const images = read(object).filter(isRegistered)
      const namespace = object.metadata.namespace ?? ''
      if (images.length === 0 || namespace === '') continue
      needed.set(namespace, [...(needed.get(namespace) ?? []), ...images])
    }
    return needed
  }
}
