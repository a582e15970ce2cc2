// Remembers what wanted Secrets look like, so that a thousand namespaces that are right cost a look each.
import type { PullSecretAuthor } from '../../pull-secrets/authorship.ts'
import {
  fingerprintOf,
  pullSecretObject,
  type PullSecretWish,
  type WrittenLogin,
} from '../../pull-secrets/secret-object.ts'

/** Of one login: it is the same object until it is another one. */
type OfLogin = Map<string, string>

/** Wishes for one login differ by who uses it. */
const MAX_OF_LOGIN = 5000

export class Fingerprints {
  #byLogin = new WeakMap<WrittenLogin, OfLogin>()
  #author: PullSecretAuthor | undefined

  /** As `fingerprintOf` tells of the Secret; the namespace is no part of it. */
  of(wish: PullSecretWish): string {
    const { credential, login, applications, author } = wish
    if (author !== this.#author) this.#byLogin = new WeakMap()
    this.#author = author
    const known: OfLogin = this.#byLogin.get(login) ?? new Map<string, string>()
    this.#byLogin.set(login, known)
    const key = `${credential.id} ${credential.source.resourceVersion} ${applications.join(',')}`
    const found = known.get(key)
    if (found !== undefined) return found
    if (known.size >= MAX_OF_LOGIN) known.clear()
    const made = fingerprintOf(pullSecretObject(wish))
    known.set(key, made)
    return made
  }
}
