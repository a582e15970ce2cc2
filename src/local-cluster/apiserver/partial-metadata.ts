// Objects of which only the metadata is wanted.
import type { JsonObject, KubeObject, ObjectMeta } from '../../kube/object.ts'
import { BEHAVIOR, METRICS } from './conversion.ts'

/** Annotations that stand for fields the version has none for: the real server adds them on the way out, and to whole objects alone. */
const OF_CONVERSION: Readonly<Record<string, readonly string[]>> = {
  'apps/v1 DaemonSet': ['deprecated.daemonset.template.generation'],
  'autoscaling/v1 HorizontalPodAutoscaler': [METRICS, BEHAVIOR],
}

/** metadata alone, under its own kind. */
export function partialMetadata(object: KubeObject, version: 'v1' | 'v1beta1'): JsonObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: metadataOf(object) as unknown as JsonObject, // metadata holds JSON values only
  }
}

function metadataOf({ apiVersion, kind, metadata }: KubeObject): ObjectMeta {
  const hidden = OF_CONVERSION[`${apiVersion} ${kind}`]
  const { annotations, ...rest } = metadata
  if (hidden === undefined || annotations === undefined) return metadata
  const kept = Object.entries(annotations).filter(([name]) => !hidden.includes(name))
  return kept.length === 0 ? rest : { ...metadata, annotations: Object.fromEntries(kept) }
}
