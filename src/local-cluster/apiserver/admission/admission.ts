// Admission: what may change or refuse an object before it is stored.
import type { KubeObject } from '../../../kube/object.ts'
import type { Call } from '../call.ts'

export interface AdmissionRequest {
  readonly call: Call
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly object: KubeObject
  readonly old: KubeObject | undefined
  readonly subresource: string
}

/** One rule of admission: gives the object back, perhaps changed, or throws an `ApiError`. Synchronous, so that nothing comes between check and write. */
export type AdmissionStep = (request: AdmissionRequest) => KubeObject

export interface Admission {
  /** Runs every step in order. */
  admit(request: AdmissionRequest): KubeObject
}

export function createAdmission(steps: readonly AdmissionStep[]): Admission {
  return {
    admit(request) {
      let { object } = request
      for (const step of steps) object = step({ ...request, object })
      return object
    },
  }
}
