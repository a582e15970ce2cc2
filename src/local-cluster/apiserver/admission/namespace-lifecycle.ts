// Namespaces: nothing is created in one that is missing or going, and some may not go (`NamespaceLifecycle`).
import type { KubeObject } from '../../../kube/object.ts'
import { forbidden, notFound, type ApiError } from '../status.ts'
import type { StoredObject } from '../../storage/store.ts'
import type { AdmissionRequest, Call } from '../call.ts'
import { admittedName } from './admission.ts'

const IMMORTAL: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public'])
const NAMESPACES = { group: '', resource: 'namespaces' }

/** Throws 404 for a missing namespace, 403 for a terminating one, 403 for the delete of a standard one. */
export function admitNamespaced(request: AdmissionRequest): KubeObject {
  const { operation, object } = request
  if (operation === 'DELETE') checkImmortal(request)
  if (operation === 'CREATE') checkCreate(request)
  return object
}

function checkImmortal({ call, object }: AdmissionRequest): void {
  const isNamespace = call.resource.group === '' && call.resource.resource === 'namespaces'
  const { name = '' } = object.metadata
  if (isNamespace && IMMORTAL.has(name)) throw forbidden(NAMESPACES, name, 'this namespace may not be deleted')
}

function checkCreate(request: AdmissionRequest): void {
  const { call, object } = request
  if (call.resource.custom?.terminating === true) {
    const why = 'create not allowed while custom resource definition is terminating'
    throw forbidden(call.resource, admittedName(object), why)
  }
  if (call.resource.namespaced) checkNamespace(request)
}

/** What is created in a namespace needs it, parts of objects too; throws 404. */
export function namespaceOf(call: Call): StoredObject {
  const stored = call.server.store.get(`/namespaces/${call.namespace}`)
  if (stored === undefined) throw notFound(NAMESPACES, call.namespace)
  return stored
}

function checkNamespace({ call, object }: AdmissionRequest): void {
  const { codec } = call.server
  const stored = namespaceOf(call)
  if (codec.parse(stored).metadata.deletionTimestamp === undefined) return
  throw terminating(call.resource, admittedName(object), call.namespace)
}

function terminating(resource: { group: string; resource: string }, name: string, namespace: string): ApiError {
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  }
  return forbidden(resource, name, why, [cause])
}
