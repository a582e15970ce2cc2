// Whose a propagated Secret is, and whether the login in it is one that this control plane has written there.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Secret } from '../base/secret.ts'

/** A control plane as it signs its Secrets. */
export interface PullSecretAuthor {
  /** Stands on each Secret: the installation ID, or the uid of the control plane's namespace. */
  readonly owner: string
  /** An earlier name of the same control plane: an installation ID may be given later. */
  readonly formerly: string
  /** Over what a login is to be adopted by; undefined where the control plane has no key: then nothing is adopted. */
  readonly seal: ((text: string) => string) | undefined
}

export interface Installation {
  /** `installationID` of argocd-cm; may be empty. */
  readonly id: string
  /** What tells this control plane from others where it has no ID. */
  readonly home: string
  /** `server.secretkey` of argocd-secret, which nobody in the namespaces of applications can read. */
  readonly key: Secret | undefined
}

/** The key of the seal is derived: nothing that stands on a Secret tells of what sessions are signed with. */
export function pullSecretAuthor({ id, home, key }: Installation): PullSecretAuthor {
  const derived = key && createHmac('sha256', key.reveal()).update('capstan image pull secrets').digest()
  return {
    owner: id === '' ? home : id,
    formerly: home,
    seal: derived && ((text) => createHmac('sha256', derived).update(text).digest('hex')),
  }
}

/** False for what another control plane has written, and for what says nothing of its author. */
export function isOwn(owner: string, author: PullSecretAuthor): boolean {
  return owner !== '' && (owner === author.owner || owner === author.formerly)
}

export function isSealOf(seal: string, text: string, author: PullSecretAuthor): boolean {
  const expected = author.seal?.(text)
  if (expected === undefined || expected.length !== seal.length) return false
  const [a, b] = [Buffer.from(seal), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
