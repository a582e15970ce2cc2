// Following renames: fields that name a renamed resource get its new name (api/filters/nameref).
import { CapstanError } from '../../base/errors.ts'
import type { YamlValue } from '../../lang/yaml/value.ts'
import { stringifyYaml } from '../../lang/yaml/write.ts'
import { changeField } from './field-spec.ts'
import type { MappingNode, Node, ScalarNode } from './node.ts'
import { field, isNull, scalar, setField, textOf, withQuotingOf, wrongKind } from './node.ts'
import type { NameReference } from './reference-specs.ts'
import type { Gvk, ResId } from './res-id.ts'
import { effectiveNamespace, idText, isClusterScoped, isSelected } from './res-id.ts'
import type { Resource } from './resource.ts'
import {
  cloneResource,
  currentId,
  metaMap,
  nameOf,
  namespaceOf,
  originalId,
  previousIds,
  setMetaMap,
  shownValue,
} from './resource.ts'

/** Fixes the references of all resources. Throws `bad-input` where a name may mean several. */
export function fixNameReferences(resources: readonly Resource[], references: readonly NameReference[]): void {
  const targets = indexByPreviousName(resources)
  if (targets.size === 0) return assertSubjects(resources)
  for (const resource of resources) fixReferences(resource, targets, references)
}

/** What was renamed, by every name it had. */
type Targets = ReadonlyMap<string, readonly Target[]>

interface Target {
  readonly resource: Resource
  readonly id: ResId
  readonly previous: readonly ResId[]
}

function indexByPreviousName(resources: readonly Resource[]): Targets {
  const targets = new Map<string, Target[]>()
  for (const resource of resources) {
    const previous = previousIds(resource)
    const target = { resource, id: currentId(resource), previous }
    for (const name of new Set(previous.map((id) => id.name))) {
      const known = targets.get(name)
      if (known === undefined) targets.set(name, [target])
      else known.push(target)
    }
  }
  return targets
}

function fixReferences(referrer: Resource, targets: Targets, references: readonly NameReference[]): void {
  const original = originalId(referrer)
  const id = currentId(referrer)
  const isAllowed = reachable(referrer, id)
  for (const reference of references) {
    for (const spec of reference.referrers) {
      if (!isSelected(original, spec)) continue
      const fix = new ReferenceFix({ referrer, id, targets, isAllowed }, reference, spec.path)
      inField(spec.path, id, () => {
        changeField(referrer.node, { path: spec.path }, { set: (node) => fix.node(node) })
      })
    }
  }
}

function inField(path: string, id: ResId, change: () => void): void {
  try {
    change()
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    const message = `updating name reference in '${path}' field of '${idText(id)}': ${error.message}`
    throw new CapstanError(error.code, message, { cause: error })
  }
}

/** Which resources a referrer may mean at all: those of its namespace, of none, and of its subjects' namespaces. */
function reachable(referrer: Resource, id: ResId): (target: Target) => boolean {
  if (isClusterScoped(id)) return () => true
  const namespace = effectiveNamespace(id)
  const subjects = subjectNamespaces(referrer)
  return (target) =>
    isClusterScoped(target.id) || effectiveNamespace(target.id) === namespace || subjects.has(target.id.namespace)
}

function assertSubjects(resources: readonly Resource[]): void {
  for (const resource of resources) subjectNamespaces(resource)
}

function subjectNamespaces(resource: Resource): ReadonlySet<string> {
  const found = new Set<string>()
  const subjects = field(resource.node, 'subjects')
  if (textOf(field(resource.node, 'kind')) !== 'RoleBinding' || subjects?.kind !== 'sequence') return found
  for (const subject of subjects.items) {
    const namespace = field(subject, 'namespace')
    if (namespace === undefined || textOf(field(subject, 'kind')) !== 'ServiceAccount') continue
    if (isNull(namespace)) {
      const message = `Invalid Input: namespace is blank for resource "${idText(currentId(resource))}"\n`
      throw new CapstanError('bad-input', message)
    }
    found.add(textOf(namespace))
  }
  return found
}

interface Referrer {
  readonly referrer: Resource
  readonly id: ResId
  readonly targets: Targets
  readonly isAllowed: (target: Target) => boolean
}

class ReferenceFix {
  readonly #from: Referrer
  readonly #type: Partial<Gvk>
  readonly #path: string

  constructor(from: Referrer, type: Partial<Gvk>, path: string) {
    this.#from = from
    this.#type = type
    this.#path = path
  }

  node(node: Node): Node {
    if (isNull(node)) return node
    if (node.kind === 'scalar') return this.#scalar(node)
    if (node.kind === 'mapping') return this.#mapping(node)
    node.items = node.items.map((item) => this.#item(item))
    return node
  }

  #item(item: Node): Node {
    if (isNull(item)) return item
    if (item.kind === 'sequence') {
      throw new CapstanError('bad-input', 'a list is expected to be either a string or a map of string')
    }
    return item.kind === 'scalar' ? this.#scalar(item) : this.#mapping(item)
  }

  #scalar(node: ScalarNode): Node {
    const found = this.#select(node.text, () => true, sameNames)
    if (found === undefined || nameOf(found) === node.text) return node
    return withQuotingOf(scalar(nameOf(found)), node)
  }

  /** A mapping with a name and perhaps a namespace, as subjects and webhook services have it. */
  #mapping(node: MappingNode): Node {
    const name = field(node, 'name')
    if (name === undefined) throw new CapstanError('bad-input', "path config error; no 'name' field in node")
    if (name.kind !== 'scalar') throw new CapstanError('bad-input', wrongKind('ScalarNode', name))
    const found = this.#select(name.text, this.#inNamespaceOf(node), sameNamesAndNamespaces)
    if (found === undefined) return node
    const namespace = namespaceOf(found)
    if (nameOf(found) === name.text && namespace === '') return node
    setField(node, 'name', scalar(nameOf(found)))
    if (namespace !== '') setField(node, 'namespace', scalar(namespace))
    return node
  }

  #inNamespaceOf(node: MappingNode): (target: Target) => boolean {
    const namespace = field(node, 'namespace')
    if (namespace === undefined) return () => true
    const text = namespace.kind === 'scalar' ? namespace.text : ''
    const isOriginal = (target: Target): boolean => effectiveNamespace(originalOf(target)) === text
    const candidates = [...this.#from.targets.values()].flat()
    // Namespaces of before count first; only if nothing came from there, those of now.
    const isFromThere = candidates.some((target) => this.#from.isAllowed(target) && isOriginal(target))
    return isFromThere ? isOriginal : (target) => effectiveNamespace(target.id) === text
  }

  #select(
    oldName: string,
    accepts: (target: Target) => boolean,
    areSame: (candidates: readonly Target[]) => boolean,
  ): Resource | undefined {
    const named = this.#from.targets.get(oldName) ?? []
    const candidates = named.filter(
      (target) =>
        this.#from.isAllowed(target) &&
        accepts(target) &&
        target.previous.some((id) => isSelected(id, this.#type)) &&
        this.#fitsRole(target) &&
        this.#isInScope(target),
    )
    const [only] = candidates
    if (candidates.length <= 1) return only?.resource
    return this.#closest(candidates, areSame)
  }

  #closest(all: readonly Target[], areSame: (candidates: readonly Target[]) => boolean): Resource | undefined {
    let candidates = all.filter((target) => hasSameAffixes(target.resource, this.#from.referrer, true))
    if (candidates.length > 1) {
      candidates = candidates.filter((target) => hasSameAffixes(target.resource, this.#from.referrer, false))
    }
    const [first] = candidates
    if (candidates.length <= 1 || areSame(candidates)) return first?.resource
    throw new CapstanError('bad-input', ambiguity(this.#from.referrer, candidates))
  }

  /** A roleRef says itself whether it means a Role or a ClusterRole. */
  #fitsRole(target: Target): boolean {
    if (!this.#path.endsWith('roleRef/name')) return true
    const roleRef = field(this.#from.referrer.node, 'roleRef')
    const group = field(roleRef, 'apiGroup')
    const kind = field(roleRef, 'kind')
    if (group === undefined || kind === undefined) return true
    const wanted = { group: textOf(group), kind: textOf(kind) }
    return target.previous.some((id) => isSelected(id, wanted))
  }

  #isInScope(target: Target): boolean {
    const { id } = this.#from
    if (isClusterScoped(id) || isClusterScoped(target.id) || target.id.kind === 'ServiceAccount') return true
    return effectiveNamespace(target.id) === effectiveNamespace(id)
  }
}

function originalOf(target: Target): ResId {
  return target.previous[0] ?? target.id
}

function sameNames(candidates: readonly Target[]): boolean {
  return new Set(candidates.map((target) => target.id.name)).size === 1
}

function sameNamesAndNamespaces(candidates: readonly Target[]): boolean {
  return new Set(candidates.map((target) => `${target.id.namespace}/${target.id.name}`)).size === 1
}

/** Were both renamed by the same kustomizations? The lists must end alike. */
function hasSameAffixes(a: Resource, b: Resource, allowEmpty: boolean): boolean {
  return endAlike(a.prefixes, b.prefixes, allowEmpty) && endAlike(a.suffixes, b.suffixes, allowEmpty)
}

function endAlike(a: readonly string[], b: readonly string[], allowEmpty: boolean): boolean {
  if (allowEmpty && (a.length === 0 || b.length === 0)) return true
  const length = Math.min(a.length, b.length)
  if (length === 0 && a.length !== b.length) return false
  for (let i = 1; i <= length; i++) if (a.at(-i) !== b.at(-i)) return false
  return true
}

function ambiguity(referrer: Resource, candidates: readonly Target[]): string {
  const show = (resource: Resource): string => stringifyYaml(withNotes(resource))
  const ids = candidates.map((target) => idText(target.id)).join(', ')
  const details = candidates.map((target, i) => `--- possible referral ${i}:\n${show(target.resource)}\n`).join('')
  return `found multiple possible referrals: ${ids}\n\n**** Too many possible referral targets to referrer:\n${show(referrer)}\n${details}`
}

/** The resource with the annotations in which kustomize keeps what it was called. */
function withNotes(resource: Resource): YamlValue {
  const { previous, prefixes, suffixes } = resource
  const notes = {
    prefixes,
    suffixes,
    previousKinds: previous.map(({ kind }) => kind),
    previousNames: previous.map(({ name }) => name),
    previousNamespaces: previous.map(({ namespace }) => namespace),
  }
  const texts = Object.entries(notes).filter(([, values]) => values.length > 0)
  const shown = cloneResource(resource)
  const annotations = metaMap(shown.node, 'annotations')
  for (const [name, values] of texts) annotations.set(`internal.config.kubernetes.io/${name}`, values.join(','))
  setMetaMap(shown.node, 'annotations', annotations)
  return shownValue(shown)
}
