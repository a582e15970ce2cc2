// Requests for certificates say who asked: the sender of the request, whatever the body claims (`csrStrategy.PrepareForCreate`, v1.36.3).
import type { KubeObject } from '../../../kube/object.ts'
import type { AdmissionRequest } from '../call.ts'

/** Writes the sender into the spec of a new CertificateSigningRequest. */
export function admitCertificateRequest({ call, operation, object }: AdmissionRequest): KubeObject {
  const { resource, user } = call
  if (
    operation !== 'CREATE' ||
    resource.group !== 'certificates.k8s.io' ||
    resource.kind !== 'CertificateSigningRequest'
  )
    return object
  const { spec } = object as KubeObject & { readonly spec?: object }
  const {
    username: _name,
    uid: _uid,
    groups: _groups,
    extra: _extra,
    ...asked
  } = (spec ?? {}) as Record<string, unknown>
  const sender = {
    username: user.name,
    ...(user.uid === undefined ? {} : { uid: user.uid }),
    ...(user.groups.length === 0 ? {} : { groups: user.groups }),
    ...(user.extra === undefined ? {} : { extra: user.extra }),
  }
  return { ...object, spec: { ...asked, ...sender } } as KubeObject
}
