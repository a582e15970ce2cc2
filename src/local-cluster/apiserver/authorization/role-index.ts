// Bindings by whom they bind and roles by where they stand, kept in step with the store from the first question on.
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import type { Store, StoreEvent } from '../../storage/store.ts'
import { parseObject } from '../objects.ts'
import type { UserInfo } from '../user.ts'
import type { PolicyRule } from './policy-rule.ts'

const PREFIX = 'rbac.authorization.k8s.io/'

export interface RoleRef {
  readonly kind: string
  readonly name: string
}

export interface Subject {
  readonly kind: string
  readonly name: string
  readonly namespace?: string
}

/** A subject of a binding and what the binding gives it. */
export interface Grant {
  /** Key of the binding in the store. */
  readonly binding: string
  readonly name: string
  /** Empty for a ClusterRoleBinding. */
  readonly namespace: string
  readonly roleRef: RoleRef
  /** Key of the role in the store. */
  readonly role: string
  readonly subject: Subject
}

interface Binding extends KubeObject {
  readonly roleRef?: RoleRef
  readonly subjects?: readonly Subject[]
}

/** Who is bound to which rules. Reads nothing until it is asked for the first time: administrators never ask. */
export class RoleIndex {
  readonly #store: Store
  readonly #signal: AbortSignal
  readonly #grants = new Map<string, Grant[]>()
  /** Under which names the grants of a binding stand. */
  readonly #placesOf = new Map<string, readonly string[]>()
  readonly #rules = new Map<string, readonly PolicyRule[]>()
  #isLoaded = false

  constructor(store: Store, signal: AbortSignal) {
    this.#store = store
    this.#signal = signal
  }

  /** What bindings of the whole cluster give a user, and, where a namespace is named, then what its own bindings give. */
  *grantsOf(user: UserInfo, namespace: string): Generator<Grant> {
    this.#load()
    const names = [`User ${user.name}`, ...user.groups.map((group) => `Group ${group}`)]
    for (const name of names) yield* this.#grants.get(`/${name}`) ?? []
    if (namespace === '') return
    for (const name of names) yield* this.#grants.get(`${namespace}/${name}`) ?? []
  }

  /** The rules of a role; `namespace` is where a Role stands. undefined where there is no such role. */
  rulesOf(ref: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
    this.#load()
    return this.#rulesAt(roleKey(ref, namespace))
  }

  /** The rules a grant gives; undefined where its role is missing. */
  rulesBehind(grant: Grant): readonly PolicyRule[] | undefined {
    return this.#rulesAt(grant.role)
  }

  #rulesAt(key: string): readonly PolicyRule[] | undefined {
    const known = this.#rules.get(key)
    if (known !== undefined) return known
    const stored = this.#store.get(key)
    if (stored === undefined) return undefined
    const rules = rulesIn(parseObject(stored.value))
    this.#rules.set(key, rules)
    return rules
  }

  #load(): void {
    if (this.#isLoaded) return
    this.#isLoaded = true
    const { revision } = this.#store
    for (const resource of ['clusterrolebindings/', 'rolebindings/']) {
      for (const stored of this.#store.list({ prefix: PREFIX + resource }).items) this.#add(stored.key, stored.value)
    }
    const stop = this.#store.watch({ prefix: PREFIX, after: revision, onEvents: (events) => this.#follow(events) })
    this.#signal.addEventListener('abort', stop, { once: true })
  }

  #follow(events: readonly StoreEvent[]): void {
    for (const { type, key, value } of events) {
      if (key.startsWith('clusterroles/', PREFIX.length) || key.startsWith('roles/', PREFIX.length)) {
        this.#rules.delete(key)
        continue
      }
      this.#remove(key)
      if (type !== 'deleted') this.#add(key, value)
    }
  }

  /** Newer grants stand first. */
  #add(key: string, text: string): void {
    const { metadata, roleRef, subjects = [] } = parseObject(text) as Binding // bindings are stored as their kind has them
    if (roleRef === undefined) return
    const { name = '', namespace = '' } = metadata
    const places: string[] = []
    for (const subject of subjects) {
      const place = `${namespace}/${identityOf(subject, namespace)}`
      const grant = { binding: key, name, namespace, roleRef, role: roleKey(roleRef, namespace), subject }
      this.#grants.set(place, [grant, ...(this.#grants.get(place) ?? [])])
      places.push(place)
    }
    this.#placesOf.set(key, places)
  }

  #remove(key: string): void {
    for (const place of this.#placesOf.get(key) ?? []) {
      const rest = (this.#grants.get(place) ?? []).filter((grant) => grant.binding !== key)
      if (rest.length === 0) this.#grants.delete(place)
      else this.#grants.set(place, rest)
    }
    this.#placesOf.delete(key)
  }
}

function roleKey({ kind, name }: RoleRef, namespace: string): string {
  return kind === 'Role' ? `${PREFIX}roles/${namespace}/${name}` : `${PREFIX}clusterroles/${name}`
}

/** A subject as the name its requests come under. */
function identityOf(subject: Subject, namespace: string): string {
  if (subject.kind !== 'ServiceAccount') return `${subject.kind} ${subject.name}`
  return `User system:serviceaccount:${subject.namespace ?? namespace}:${subject.name}`
}

/** `ClusterRoleBinding "x" of ClusterRole "y" to Group "z"`. */
export function grantText({ name, namespace, roleRef, subject }: Grant): string {
  const binding = namespace === '' ? `ClusterRoleBinding ${JSON.stringify(name)}` : `RoleBinding ${JSON.stringify(`${name}/${namespace}`)}` // prettier-ignore
  const who = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace ?? namespace}` : subject.name
  return `${binding} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${subject.kind} ${JSON.stringify(who)}`
}

/** What the real server says of a binding to a role that is not there. */
export function missingRole(ref: RoleRef): { readonly resource: string; readonly text: string } {
  const resource = ref.kind === 'Role' ? 'role' : 'clusterrole'
  return { resource, text: `${resource}.rbac.authorization.k8s.io ${JSON.stringify(ref.name)} not found` }
}

/** The rules of an object that is a role. */
export function rulesIn(object: KubeObject): readonly PolicyRule[] {
  // Roles are stored as their kind has them.
  return (object as KubeObject & { readonly rules?: readonly PolicyRule[] }).rules ?? []
}

/** The role a binding names. */
export function roleRefIn(object: KubeObject): RoleRef & { readonly apiGroup: string } {
  const {
    kind = '',
    name = '',
    apiGroup = '',
  } = ((object as KubeObject & JsonObject)['roleRef'] ?? {}) as Partial<RoleRef & { readonly apiGroup: string }> // bindings are decoded as their kind has them
  return { kind, name, apiGroup }
}
