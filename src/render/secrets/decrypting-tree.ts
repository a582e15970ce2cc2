// A tree whose encrypted files are opened as they are read; everything else is the tree's own.
import type { FileTree, TreeEntry } from '../../source/file-tree.ts'
import type { Secret } from '../../base/secret.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { HeldValues } from './held.ts'
import { hideValues, type ClearValue } from './hide.ts'
import type { KeyRing } from './sops/data-key.ts'
import { isEncryptedFile, openSopsFile, type OpenedFile } from './sops/open-file.ts'

/** What one rendering met of encrypted files, in all of its trees. */
export class Openings {
  readonly #held = new Map<string, Secret>()
  readonly #recipients = new Set<string>()
  readonly #clear: ClearValue[] = []

  /** Values by what stands for them in the manifests, and the master keys of the files opened, sorted. */
  report(): { readonly held: HeldValues; readonly recipients: readonly string[] } {
    return { held: this.#held, recipients: [...this.#recipients].toSorted() }
  }

  add({ held, recipients, clear }: Omit<OpenedFile, 'bytes'>): void {
    for (const [name, value] of held) this.#held.set(name, value)
    for (const recipient of recipients) this.#recipients.add(recipient)
    this.#clear.push(...clear)
  }

  /** What was rendered, with names for the numbers that the templates saw in clear. */
  hide<T extends { readonly manifests: readonly KubeObject[] }>(rendered: T): T {
    return this.#clear.length === 0 ? rendered : { ...rendered, manifests: hideValues(rendered.manifests, this.#clear) }
  }
}

/** Content ids stay those of the encrypted files: they say what a rendering depends on. */
export class DecryptingTree implements FileTree {
  readonly revision: string
  readonly #tree: FileTree
  readonly #ring: KeyRing
  readonly #openings: Openings

  constructor(tree: FileTree, ring: KeyRing, openings: Openings) {
    this.revision = tree.revision
    this.#tree = tree
    this.#ring = ring
    this.#openings = openings
  }

  async readFile(path: string, signal?: AbortSignal): Promise<{ id: string; bytes: Uint8Array } | undefined> {
    const file = await this.#tree.readFile(path, signal)
    if (file === undefined || !isEncryptedFile(path, file.bytes)) return file
    const { bytes, ...opened } = await openSopsFile(path, file.bytes, this.#ring)
    this.#openings.add(opened)
    return { id: file.id, bytes: keepMarker(file.bytes, bytes) }
  }

  async readDirectory(path: string, signal?: AbortSignal): Promise<readonly TreeEntry[] | undefined> {
    return this.#tree.readDirectory(path, signal)
  }
}

/** Argo CD's mark on files that are no manifests stands in a comment, which a decrypted file no longer has. */
const SKIP_MARKER = '+argocd:skip-file-rendering'

function keepMarker(original: Uint8Array, opened: Buffer): Uint8Array {
  return Buffer.from(original).includes(SKIP_MARKER)
    ? Buffer.concat([Buffer.from(`# ${SKIP_MARKER}\n`), opened])
    : opened
}
