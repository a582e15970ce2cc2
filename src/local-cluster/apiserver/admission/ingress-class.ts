// Ingresses get the default class (`DefaultIngressClass`, v1.36.3).
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import type { AdmissionRequest } from '../call.ts'
import { defaultClass } from './storage-class.ts'

const OLD_CLASS = 'kubernetes.io/ingress.class'
const DEFAULT_MARKS = ['ingressclass.kubernetes.io/is-default-class']
const CLASSES_PREFIX = 'networking.k8s.io/ingressclasses/'

/** Fills in `spec.ingressClassName` of a new Ingress that names no class. */
export function admitIngress({ call, operation, object, subresource }: AdmissionRequest): KubeObject {
  const { group, resource } = call.resource
  if (operation !== 'CREATE' || subresource !== '' || group !== 'networking.k8s.io' || resource !== 'ingresses')
    return object
  const { spec } = object as KubeObject & { readonly spec?: JsonObject }
  const isNamed = spec?.['ingressClassName'] !== undefined || object.metadata.annotations?.[OLD_CLASS] !== undefined
  if (isNamed) return object
  const { store, codec } = call.server
  const classes = store.list({ prefix: CLASSES_PREFIX }).items.map((stored) => codec.parse(stored))
  const name = defaultClass(classes, DEFAULT_MARKS)?.metadata.name
  return name === undefined ? object : ({ ...object, spec: { ...spec, ingressClassName: name } } as KubeObject)
}
