// namespace (api/filters/namespace, api/internal/builtins/NamespaceTransformer.go).
import { CapstanError } from '../../base/errors.ts'
import type { FieldSpec, SetValue } from './field-spec.ts'
import { changeFields, setScalar } from './field-spec.ts'
import type { MappingNode, Node } from './node.ts'
import { field, isNilOrEmpty, putField, scalar, textOf } from './node.ts'
import { effectiveNamespace, idKey, isClusterScoped } from './res-id.ts'
import type { Resource } from './resource.ts'
import { currentId, rememberName, shownValue } from './resource.ts'
import type { ResourceSet } from './resource-set.ts'

export interface NamespaceOptions {
  readonly namespace: string
  readonly specs: readonly FieldSpec[]
  /** Only where there is none yet. */
  readonly unsetOnly?: boolean
  /** Which subjects of role bindings are moved: `defaultOnly` (default), `allServiceAccounts` or `none`. */
  readonly setRoleBindingSubjects?: string
}

const SUBJECT_MODES: ReadonlySet<string> = new Set(['', 'defaultOnly', 'allServiceAccounts', 'none'])

/** Moves all resources into a namespace. Throws `bad-input` where two become one. */
export function setNamespaces(set: ResourceSet, options: NamespaceOptions): void {
  if (options.namespace === '') return
  const mode = options.setRoleBindingSubjects ?? ''
  if (!SUBJECT_MODES.has(mode)) {
    const message = `invalid value "${mode}" for setRoleBindingSubjects: must be one of "defaultOnly", "none" or "allServiceAccounts"`
    throw new CapstanError('bad-input', message)
  }
  for (const resource of set.items) {
    if (resource.isFromHelm === true) continue
    rememberName(resource, effectiveNamespace(currentId(resource)))
    moveResource(resource.node, options)
  }
  set.touch()
  assertDistinct(set.items)
}

/** Sets the namespace in one resource: its own, its subjects' and what the specs name. */
export function moveResource(node: MappingNode, options: NamespaceOptions): void {
  const set = options.unsetOnly === true ? setIfEmpty(options.namespace) : setScalar(options.namespace, 'str')
  const id = currentId({ node } as Resource) // reads the tree only
  const change = { set, createKind: 'scalar' } as const
  if (!isClusterScoped(id)) changeFields(node, OWN_NAMESPACE, change)
  const isBinding = id.kind === 'RoleBinding' || id.kind === 'ClusterRoleBinding'
  if (isBinding) changeSubjects(node, options, set)
  const apiVersion = textOf(field(node, 'apiVersion'))
  const specs = options.specs.filter((spec) => isWanted(spec, apiVersion, isBinding))
  inTransformation(() => changeFields(node, specs, change))
}

const OWN_NAMESPACE: readonly FieldSpec[] = [{ path: 'metadata/namespace', create: true }]

/** What has rules of its own above is not done by specs as well. */
function isWanted(spec: FieldSpec, apiVersion: string, isBinding: boolean): boolean {
  if (spec.path === 'metadata/namespace') return false
  // A Namespace of another group than the core's keeps its name.
  if (spec.path === 'metadata/name' && apiVersion !== 'v1') return false
  const isSubjects =
    spec.path === 'subjects/namespace' && (spec.kind === 'RoleBinding' || spec.kind === 'ClusterRoleBinding')
  return !(isBinding && isSubjects)
}

function inTransformation(change: () => void): void {
  try {
    change()
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    throw new CapstanError(error.code, `namespace transformation failed: ${error.message}`, { cause: error })
  }
}

function setIfEmpty(namespace: string): SetValue {
  const set = setScalar(namespace, 'str')
  return (node) => (isNilOrEmpty(node) || textOf(node) === '' ? set(node) : node)
}

function changeSubjects(node: MappingNode, options: NamespaceOptions, set: SetValue): void {
  const subjects = field(node, 'subjects')
  if (options.setRoleBindingSubjects === 'none' || subjects?.kind !== 'sequence') return
  const all = options.setRoleBindingSubjects === 'allServiceAccounts'
  for (const subject of subjects.items) {
    const isMoved = all ? fieldIs(subject, 'kind', 'ServiceAccount') : fieldIs(subject, 'name', 'default')
    if (isMoved && subject.kind === 'mapping') {
      putField(subject, 'namespace', set(field(subject, 'namespace') ?? scalar('')))
    }
  }
}

function fieldIs(node: Node, name: string, text: string): boolean {
  return textOf(field(node, name)) === text
}

function assertDistinct(resources: readonly Resource[]): void {
  const seen = new Map<string, Resource>()
  for (const resource of resources) {
    const key = idKey(currentId(resource))
    const other = seen.get(key)
    if (other !== undefined) {
      const shown = [other, resource].map((one) => JSON.stringify(shownValue(one))).join(' ')
      throw new CapstanError('bad-input', `namespace transformation produces ID conflict: [${shown}]`)
    }
    seen.set(key, resource)
  }
}
