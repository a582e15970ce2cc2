// Secrets of applications: where keys and Vaults of a project come from, and manifests with the values filled in.
import { sha256Hex } from '../base/digest.ts'
import type { Secret } from '../base/secret.ts'
import type { KubeObject } from '../kube/object.ts'
import { DecryptingTree, Openings } from '../render/secrets/decrypting-tree.ts'
import type { HeldValues } from '../render/secrets/held.ts'
import type { JsonPath } from '../render/secrets/fill.ts'
import type { KeyRing } from '../render/secrets/sops/data-key.ts'
import type { VaultReader } from '../render/secrets/vault/key-value.ts'
import type { FileTree } from '../source/file-tree.ts'

export type { HeldValues, JsonPath }

/** What the control plane holds for a project. */
export interface SecretSources {
  /** Private keys of SOPS files; undefined leaves encrypted files as they are. */
  keys(project: string): Promise<KeyRing | undefined>
  vault(project: string): VaultReader | undefined
}

/** Manifests as they go to a cluster. */
export interface Delivered {
  /** In the order they came in; those without secrets are the same objects. */
  readonly manifests: readonly KubeObject[]
  /** Where values were filled in, by the object of `manifests`. */
  readonly places: ReadonlyMap<KubeObject, readonly JsonPath[]>
  /** Differs where a value differs. */
  readonly fingerprint: string
  /** What was read for them, with versions: `vault secret/data/db@3`. */
  readonly inputs: readonly string[]
  /** A text from elsewhere without the values that were filled in. */
  readonly redact: (text: string) => string
}

/** What stands for the keys in the inputs of a rendering: another key may open, or no longer open, a file. */
export function ringName(ring: KeyRing | undefined): readonly string[] | undefined {
  return ring && [...ring.identities.map(({ recipient }) => recipient), `pgp ${sha256Hex(textOf(ring.pgpKeys))}`]
}

function textOf(keys: readonly Secret[]): string {
  return keys.map((key) => key.reveal()).join('\n')
}

/** The trees of a rendering with encrypted files opened, and what was met of them. */
export function openTrees(
  tree: FileTree,
  references: ReadonlyMap<string, FileTree>,
  ring: KeyRing | undefined,
): { tree: FileTree; references: ReadonlyMap<string, FileTree>; openings: Openings } {
  const openings = new Openings()
  if (ring === undefined) return { tree, references, openings }
  const opened = (one: FileTree): FileTree => new DecryptingTree(one, ring, openings)
  return {
    tree: opened(tree),
    references: new Map([...references].map(([name, one]) => [name, opened(one)])),
    openings,
  }
}
