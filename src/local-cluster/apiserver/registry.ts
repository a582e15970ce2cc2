// Every resource served right now: the built-in ones and those that custom resource definitions add and take away.
import type { KubeObject } from '../../kube/object.ts'
import { builtinSchema } from '../../kube/schema/schema.ts'
import type { KindRules, ServedResource } from '../kinds/contract.ts'
import type { KindCatalogue } from './catalogue.ts'
import { CelRules } from './crd/cel/cel-rules.ts'
import {
  definitionFaults,
  storedVersionsOf,
  withDefinitionDefaults,
  withStoredVersion,
} from './crd/definition-rules.ts'
import { gvkOf, type Resource } from './resource.ts'
import { isDefinition } from './strategy.ts'

/** Resources that are the same objects under another group: where they are kept. */
const SHARED_STORAGE: Readonly<Record<string, string>> = { 'events.k8s.io/events': '/events' }

/** Looks resources up by group, version and plural name; custom ones can change while the server runs. */
export class ResourceRegistry {
  readonly #builtin = new Map<string, Resource>()
  readonly #builtinGroups = new Set<string>()
  #custom = new Map<string, Resource>()
  #all: readonly Resource[] = []
  /** The rules that schemas of definitions have. */
  readonly rules: CelRules = new CelRules()
  /** Raised with every change of the custom part, for cached documents. */
  generation = 0

  constructor(catalogue: KindCatalogue) {
    for (const served of catalogue.resources) {
      this.#builtin.set(pathOf(served), builtinResource(served, catalogue, this.rules))
      this.#builtinGroups.add(served.group)
    }
    this.#all = [...this.#builtin.values()]
  }

  find(group: string, version: string, resource: string): Resource | undefined {
    const key = `${group}/${version}/${resource}`
    return this.#builtin.get(key) ?? this.#custom.get(key)
  }

  /** Any version of a resource of a group. */
  findAny(group: string, resource: string): Resource | undefined {
    return this.#all.find((one) => one.group === group && one.resource === resource)
  }

  /** The resource of a kind in a version. */
  findKind(gvk: { readonly group: string; readonly version: string; readonly kind: string }): Resource | undefined {
    return this.#all.find((one) => one.kind === gvk.kind && one.group === gvk.group && one.version === gvk.version)
  }

  /** Built-in resources first, then custom ones. */
  all(): readonly Resource[] {
    return this.#all
  }

  isGroup(group: string): boolean {
    return this.#builtinGroups.has(group) || this.#all.some((one) => one.group === group)
  }

  isBuiltinGroup(group: string): boolean {
    return this.#builtinGroups.has(group)
  }

  /** Replaces the custom part as a whole. */
  setCustom(resources: readonly Resource[]): void {
    this.#custom = new Map(resources.map((one) => [pathOf(one), one]))
    this.#all = [...this.#builtin.values(), ...this.#custom.values()]
    this.generation++
  }
}

function pathOf(served: ServedResource): string {
  return `${served.group}/${served.version}/${served.resource}`
}

function builtinResource(served: ServedResource, catalogue: KindCatalogue, cel: CelRules): Resource {
  const gvk = gvkOf(served)
  let schema: Resource['schema']
  let rules: Resource['rules']
  return {
    ...served,
    listKind: served.listKind ?? `${served.kind}List`,
    keyPrefix: `${SHARED_STORAGE[`${served.group}/${served.resource}`] ?? `${served.group}/${served.resource}`}/`,
    custom: undefined,
    // Both are looked up when first needed: a start pays only for the kinds it uses.
    get rules() {
      rules ??= isDefinition(served) ? definitionRules(catalogue.rulesFor(gvk), cel) : catalogue.rulesFor(gvk)
      return rules
    },
    get schema() {
      schema ??= builtinSchema(gvk)
      return schema
    },
  }
}

/** Definitions are checked here: what they must be follows from what this server does with them. */
function definitionRules(rules: Resource['rules'], cel: CelRules): Resource['rules'] {
  const setDefaults = (object: KubeObject): KubeObject => withDefinitionDefaults(rules?.setDefaults?.(object) ?? object)
  const prepareForCreate: NonNullable<KindRules['prepareForCreate']> = (object, context) =>
    withStoredVersion(rules?.prepareForCreate?.(object, context) ?? object, [])
  const prepareForUpdate: NonNullable<KindRules['prepareForUpdate']> = (object, old, context) =>
    withStoredVersion(rules?.prepareForUpdate?.(object, old, context) ?? object, storedVersionsOf(object))
  const validate: NonNullable<KindRules['validate']> = (object, old) => definitionFaults(object, cel, old)
  return { ...rules, setDefaults, prepareForCreate, prepareForUpdate, validate }
}
