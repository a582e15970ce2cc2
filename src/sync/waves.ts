// The wave of an object, and the delay between waves.
import type { KubeObject } from '../kube/object.ts'
import { ANNOTATION, annotationOf } from './annotations.ts'

const GO_INTEGER = /^[+-]?\d{1,18}$/

/** The wave: `argocd.argoproj.io/sync-wave`, else Helm's `helm.sh/hook-weight`, else 0; what is no integer counts as absent. */
export function waveOf(object: KubeObject): number {
  return integerOf(object, ANNOTATION.syncWave) ?? integerOf(object, ANNOTATION.helmHookWeight) ?? 0
}

function integerOf(object: KubeObject, annotation: string): number | undefined {
  const text = annotationOf(object, annotation)
  return text !== undefined && GO_INTEGER.test(text) ? Number(text) : undefined
}
