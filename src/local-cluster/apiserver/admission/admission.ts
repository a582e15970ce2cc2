// Admission: what may change or refuse an object before it is stored.
import type { KubeObject } from '../../../kube/object.ts'
import type { Admission, AdmissionRequest } from '../call.ts'

/** One rule of admission: gives the object back, perhaps changed, or throws an `ApiError`. Synchronous, so that nothing comes between check and write. */
export type AdmissionStep = (request: AdmissionRequest) => KubeObject

/** How refusals name an object: by the prefix where its name is still to be drawn. */
export function admittedName({ metadata }: KubeObject): string {
  const { name = '', generateName = '' } = metadata
  return name === '' ? generateName : name
}

/** Admission that runs every step in order. */
export function createAdmission(steps: readonly AdmissionStep[]): Admission {
  return {
    admit(request) {
      let { object } = request
      for (const step of steps) object = step({ ...request, object })
      return object
    },
  }
}
