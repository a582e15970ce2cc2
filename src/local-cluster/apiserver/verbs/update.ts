// PUT of an object.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Call } from '../call.ts'
import { decodeCall } from '../expected-kind.ts'
import { writeOptions, type WriteOptions } from '../options.ts'
import { keyOf, type Resource } from '../resource.ts'
import { objectAnswer } from '../respond.ts'
import { badRequest, notFound } from '../status.ts'
import { warnOf } from '../warnings.ts'
import { createObject, updateObject } from '../write-object.ts'

/** Resources that a PUT may create (`AllowCreateOnUpdate` of their strategies in kubernetes v1.36.3). */
const CREATE_ON_UPDATE: ReadonlySet<string> = new Set([
  '/endpoints',
  '/events',
  '/limitranges',
  '/services',
  'coordination.k8s.io/leases',
  'events.k8s.io/events',
  'node.k8s.io/runtimeclasses',
  'rbac.authorization.k8s.io/clusterrolebindings',
  'rbac.authorization.k8s.io/clusterroles',
  'rbac.authorization.k8s.io/rolebindings',
  'rbac.authorization.k8s.io/roles',
])

/** Resources that a write without resourceVersion may not overwrite (`AllowUnconditionalUpdate` false). */
const CONDITIONAL: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io/mutatingadmissionpolicies',
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings',
  'admissionregistration.k8s.io/mutatingwebhookconfigurations',
  'admissionregistration.k8s.io/validatingadmissionpolicies',
  'admissionregistration.k8s.io/validatingadmissionpolicybindings',
  'admissionregistration.k8s.io/validatingwebhookconfigurations',
  'apiextensions.k8s.io/customresourcedefinitions',
  'apiregistration.k8s.io/apiservices',
  'certificates.k8s.io/clustertrustbundles',
  'certificates.k8s.io/podcertificaterequests',
  'coordination.k8s.io/leasecandidates',
  'coordination.k8s.io/leases',
  'node.k8s.io/runtimeclasses',
  'policy/poddisruptionbudgets',
  'storage.k8s.io/csidrivers',
  'storage.k8s.io/csinodes',
  'storage.k8s.io/csistoragecapacities',
  'storage.k8s.io/volumeattachments',
  'storagemigration.k8s.io/storageversionmigrations',
])

/** Replaces the object with the one in the body. */
export async function updateFromBody(call: Call): Promise<ApiResponse> {
  const options = writeOptions('UpdateOptions', call.query, call.request.headers['user-agent'])
  const object = decodeCall(call, options.fieldValidation)
  const name = call.route.name ?? ''
  checkName(object, name)
  checkNamespace(call, object)
  if (mayCreate(call, name)) return createByUpdate(call, object, options)
  const unconditional = isUnconditional(call.resource)
  let before: KubeObject | undefined
  const transform = (old: KubeObject): KubeObject => {
    before = old
    return object
  }
  const result = await updateObject(call, { name, options, subresource: '', transform, unconditional })
  warnOf(call, result.object, before)
  return objectAnswer(call, result.object)
}

export function isUnconditional(resource: Resource): boolean {
  return resource.custom === undefined && !CONDITIONAL.has(`${resource.group}/${resource.resource}`)
}

function mayCreate(call: Call, name: string): boolean {
  const { resource, server } = call
  if (!CREATE_ON_UPDATE.has(`${resource.group}/${resource.resource}`)) return false
  return server.store.get(keyOf(resource, call.namespace, name)) === undefined
}

async function createByUpdate(call: Call, object: KubeObject, options: WriteOptions): Promise<ApiResponse> {
  const { uid } = object.metadata
  if (uid !== undefined && uid !== '') throw notFound(call.resource, call.route.name ?? '')
  const created = await createObject(call, object, options)
  warnOf(call, created)
  return objectAnswer(call, created, 201)
}

/** Throws 400 where the body names another object than the path. */
export function checkName(object: KubeObject, name: string): void {
  const given = object.metadata.name ?? ''
  if (given === '') {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  }
  if (given !== name) throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`)
}

/** Throws 400 where the body names another namespace than the path. */
export function checkNamespace(call: Call, object: KubeObject): void {
  const given = object.metadata.namespace ?? ''
  if (given === '' || given === call.namespace) return
  throw badRequest(`the namespace of the object (${given}) does not match the namespace on the URL (${call.namespace})`)
}
